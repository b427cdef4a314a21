/** Delivers pushes as GitHub does: signed, to the stack's webhook, or for a cluster repository to Argo CD. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { namespaces } from "../../test/support/cluster-argo.ts";
import { refresh } from "../../test/support/cluster-delivered.ts";
import { deliver, pushPayload } from "../../test/support/cluster-deliveries.ts";
import { secretValue } from "../../test/support/cluster-objects.ts";
import type { BuildCluster } from "../../test/support/cluster-stack.ts";
import { webhookUrl } from "../../test/support/cluster-trigger.ts";
import type { RefUpdate } from "./pushes.ts";
import { isGone, isNew, notesFile, pushFields, receiveHook, refUpdates } from "./pushes.ts";
import { sample, servicePath } from "./sample.ts";

export interface Webhooks {
  /** Reads the pushes to a repository that the hook has recorded. */
  readonly updatesOf: (repository: string) => readonly RefUpdate[];
  /** @throws Error with the webhook's answer */
  readonly deliver: (repository: string, update: RefUpdate) => Promise<void>;
}

/** Installs the hook in the repositories. */
export async function installWebhooks(
  cluster: BuildCluster,
  repositories: readonly string[],
): Promise<Webhooks> {
  const { api, folder, git } = cluster;
  const inside = (repository: string, path: string) => join(folder, "git", `${repository}.git`, path);
  for (const one of repositories)
    writeFileSync(inside(one, "hooks/post-receive"), receiveHook, { mode: 0o755 });
  const url = await webhookUrl(cluster, sample.project);
  const key = await secretValue(api, namespaces.events, "github-webhook", "secret");
  return {
    updatesOf: (repository) => {
      const file = inside(repository, notesFile);
      if (!existsSync(file)) return [];
      const updates = refUpdates(readFileSync(file, "utf8"));
      rmSync(file);
      return updates;
    },
    deliver: async (repository, update) => {
      if (repository !== servicePath) return refresh(cluster, sample.service);
      const status = await deliver(url, key, { body: payloadOf(git, repository, update) });
      if (status !== 200) throw new Error(`the webhook answered with ${status.toString()}`);
    },
  };
}

function payloadOf(git: BuildCluster["git"], repository: string, update: RefUpdate): string {
  const { before, after: commit, ref } = update;
  const changed =
    isNew(update) || isGone(update)
      ? {}
      : { changed: git.git(repository, "diff", "--name-only", before, commit).split("\n") };
  const message = isGone(update) ? "" : git.git(repository, "show", "--no-patch", "--format=%B", commit);
  const payload = pushPayload({ repository, commit, ref, ...changed });
  return JSON.stringify({ ...payload, ...pushFields(update, message) });
}
