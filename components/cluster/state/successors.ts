/** Finds applications that take over another one's manifests, so that Argo CD would delete what they run. */
import { posix } from "node:path";
import { z } from "zod";
import type { SettingError } from "../../settings/errors.ts";
import { joinPath } from "../../settings/errors.ts";
import type { ApplicationSettings } from "../../settings/resolve.ts";
import type { Settings } from "../../settings/settings.ts";
import type { StateResource } from "./state-resources.ts";
import { outputsLike } from "./state-resources.ts";

const helm = z.object({ valueFiles: z.array(z.string()).default([]) }).optional();

/** With a chart from a Helm repository, an Application has several sources, the chart first. */
const outputs = z.object({
  kind: z.literal("Application"),
  metadata: z.object({ name: z.string(), finalizers: z.array(z.string()).default([]) }),
  spec: z.object({
    destination: z.object({ namespace: z.string() }),
    source: z.object({ repoURL: z.string(), path: z.string(), helm }).optional(),
    sources: z.tuple([z.object({ repoURL: z.string(), chart: z.string() })], z.unknown()).optional(),
  }),
});

/** What an Application runs, and where. */
interface Place {
  readonly name: string;
  readonly namespace: string;
  /** Identifies the manifests: the same text for the same ones. */
  readonly manifests: string;
}

interface Before extends Place {
  /** Whether Argo CD deletes its objects together with it. */
  readonly cascades: boolean;
}

interface Now extends Place {
  readonly path: string;
}

/**
 * An error for each application that has the manifests and namespace that an application of another name had before. If
 * that one is deleted with its objects, or prunes them for other manifests, Argo CD deletes what the new one has not
 * adopted yet.
 */
export function takenOver(state: readonly StateResource[], { projects }: Settings): SettingError[] {
  const before = outputsLike(state, outputs).map(placeBefore);
  const now = projects.flatMap((project) =>
    project.applications.map((one, index) =>
      placeNow(one, joinPath("projects", [project.name, "applications", index, "name"])),
    ),
  );
  return now.flatMap((one) => {
    const isUnchanged = before.some(({ name, ...place }) => name === one.name && isSame(place, one));
    const earlier = before.find(
      (other) => other.name !== one.name && isSame(other, one) && deletes(other, now),
    );
    return isUnchanged || earlier === undefined ? [] : [takeover(one, earlier)];
  });
}

function placeBefore({ metadata, spec }: z.output<typeof outputs>): Before {
  const { destination, source, sources } = spec;
  const ofChart = sources === undefined ? "" : chartOf(sources[0].repoURL, sources[0].chart);
  return {
    name: metadata.name,
    namespace: destination.namespace,
    manifests: source === undefined ? ofChart : manifestsOf(source.repoURL, source.path, source.helm),
    cascades: metadata.finalizers.length > 0,
  };
}

function placeNow(
  { name, namespace, repositoryUrl, path, helm, chart }: ApplicationSettings,
  at: string,
): Now {
  const manifests =
    chart === undefined ? manifestsOf(repositoryUrl, path, helm) : chartOf(chart.repository, chart.name);
  return { name, namespace, manifests, path: at };
}

function chartOf(repository: string, name: string): string {
  return JSON.stringify([repository, name]);
}

/** By the repository's name alone: the same edit may change its owner, its letter case or how it is accessed. */
function manifestsOf(
  repository: string,
  path: string,
  helm: { readonly valueFiles?: readonly string[] | undefined } | undefined,
): string {
  return JSON.stringify([posix.basename(repository, ".git").toLowerCase(), path, helm?.valueFiles ?? []]);
}

function isSame(one: Omit<Place, "name">, other: Omit<Place, "name">): boolean {
  return one.namespace === other.namespace && one.manifests === other.manifests;
}

/** losses.ts reports an Application that moves to another namespace. */
function deletes({ name, namespace, manifests, cascades }: Before, now: readonly Now[]): boolean {
  const after = now.find((one) => one.name === name);
  if (after === undefined) return cascades;
  return after.namespace === namespace && after.manifests !== manifests;
}

function takeover({ path, name }: Now, { name: earlier, namespace }: Before): SettingError {
  return {
    path,
    value: name,
    rule: `Argo CD would delete what ${earlier} runs in ${namespace} from the manifests that ${name} has now`,
    fix: `remove onRemoval: delete from ${earlier}, if it is set, and run \`pulumi up\`; then give its manifests to an application of a new name, and remove ${earlier}`,
  };
}
