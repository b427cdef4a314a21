/** What GitHub sends to a webhook. */
import { createHmac, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import type { WebhookDefinition } from "@octokit/webhooks-examples";

export interface Push {
  /** `owner/name`. */
  readonly repository: string;
  readonly commit: string;
  readonly ref: string;
  /** Files that its commits change; by default those of the recorded push. */
  readonly changed?: readonly string[];
}

/** A recorded push of GitHub. Each test changes what it tests. */
const recorded = recordedPush();

function recordedPush(): Readonly<Record<string, unknown>> & { readonly repository: object } {
  // The package is a single JSON file, which its types do not state.
  const definitions = createRequire(import.meta.url)("@octokit/webhooks-examples") as WebhookDefinition[];
  const pushes = definitions.flatMap(({ name, examples }) => (name === "push" ? examples : []));
  const push = pushes.find((one) => "ref" in one && one.ref.startsWith("refs/heads/"));
  if (push === undefined || !("repository" in push))
    throw new Error("@octokit/webhooks-examples has no push of a branch");
  return { ...push, repository: { ...push.repository } };
}

export function pushPayload({ repository, commit, ref, changed }: Push) {
  const [login = "", name = ""] = repository.split("/");
  return {
    ...recorded,
    ref,
    before: "1".repeat(40),
    after: commit,
    deleted: /^0+$/.test(commit),
    repository: {
      ...recorded.repository,
      name,
      full_name: repository,
      owner: { name: login, login },
      clone_url: `https://github.com/${repository}.git`,
    },
    ...(changed === undefined
      ? {}
      : {
          created: false,
          forced: false,
          commits: [{ id: commit, added: [], removed: [], modified: changed }],
        }),
    head_commit: { id: commit, message: "a change", added: [], removed: [], modified: ["Dockerfile"] },
  };
}

export interface PullRequest {
  /** `owner/name` of the repository, and of the one that the commit is from. */
  readonly repository: string;
  readonly from: string;
  /** The target branch. */
  readonly into: string;
  readonly number: number;
  readonly commit: string;
}

/** The payload of an opened pull request. */
export function pullRequestPayload({ repository, from, into, number, commit }: PullRequest) {
  return {
    action: "opened",
    number,
    pull_request: { number, base: { ref: into }, head: { sha: commit, repo: { full_name: from } } },
    repository: { ...recorded.repository, full_name: repository },
  };
}

export interface Delivery {
  readonly body: string;
  readonly event?: string;
  /** GitHub's ID of the delivery, which a redelivery keeps. */
  readonly id?: string;
  /** The signature headers; by default GitHub's, with the right key. */
  readonly signatures?: Readonly<Record<string, string>>;
}

/** @returns the status of the answer */
export async function deliver(url: string, key: string, delivery: Delivery): Promise<number> {
  const { body, event = "push", id = randomUUID(), signatures = bySha256(key, body) } = delivery;
  const headers = {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/test",
    "x-github-event": event,
    "x-github-delivery": id,
    ...signatures,
  };
  const answer = await fetch(url, { method: "POST", headers, body });
  await answer.text();
  return answer.status;
}

export function bySha256(key: string, body: string): Record<string, string> {
  return { "x-hub-signature-256": `sha256=${createHmac("sha256", key).update(body).digest("hex")}` };
}

/** The signature header of older versions of GitHub. */
export function bySha1(key: string, body: string): Record<string, string> {
  return { "x-hub-signature": `sha1=${createHmac("sha1", key).update(body).digest("hex")}` };
}
