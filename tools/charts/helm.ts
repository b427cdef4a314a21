/** Renders charts with Helm. */
import { spawnSync } from "node:child_process";
import { parseAllDocuments, stringify } from "yaml";
import type { Files } from "../offline/folder.ts";
import { UserError } from "../offline/user-error.ts";
import type { Release } from "./releases.ts";

/**
 * The objects of a release, each as a file; empty if the release is undefined.
 * @throws UserError with Helm's message
 */
export function renderChart(release: Release | undefined): Files {
  if (release === undefined) return new Map();
  const documents = parseAllDocuments(helm(release));
  const objects = documents.map((one) => one.toJS() as unknown).filter((one) => one !== null);
  return new Map(objects.map((one) => [pathOf(release.name, one), textOf(one)]));
}

/** CRDs alone take several MiB. */
const maxBytes = 256 * 1024 * 1024;

function helm({ name, namespace, chart, version, repository, skipCrds, values }: Release): string {
  const args = [
    ...["template", name, chart, ...(repository === undefined ? [] : ["--repo", repository])],
    ...["--version", version, "--namespace", namespace],
    ...["--values", "-", skipCrds ? "--skip-crds" : "--include-crds"],
  ];
  const input = JSON.stringify(values);
  const run = spawnSync("helm", args, { input, encoding: "utf8", maxBuffer: maxBytes });
  // A status is checked first: if helm exits before it has read its values, there is also a write error.
  if (run.status === null)
    throw new UserError(
      `Cannot run helm: ${run.error?.message ?? "killed"}. Install Helm 3 or 4: https://helm.sh/docs/intro/install`,
    );
  if (run.status !== 0) throw new UserError(`Helm cannot render ${chart} ${version}: ${run.stderr.trim()}`);
  return run.stdout;
}

interface Named {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

function pathOf(release: string, object: unknown): string {
  const { kind = "", metadata: { name = "", namespace } = {} } = object as Named;
  const place = namespace === undefined ? "" : `${namespace}/`;
  return `${release}/${place}${kind}-${name}.yaml`;
}

/** With sorted keys, because charts write labels in the order of their templates. */
function textOf(object: unknown): string {
  return stringify(withoutVersion(object), { lineWidth: 0, sortMapEntries: true });
}

/** Labels that differ in every object of every version, and checksums of other objects. */
const versionKeys = /^(helm\.sh\/chart|app\.kubernetes\.io\/version|checksum\/.+)$/;

function withoutVersion(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutVersion);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !versionKeys.test(key));
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutVersion(child)]));
}
