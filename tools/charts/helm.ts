/** Renders charts with Helm. */
import { parseAllDocuments, stringify } from "yaml";
import { textAt } from "../../components/builds/programs/json.ts";
import type { Files } from "../offline/folder.ts";
import { UserError } from "../offline/user-error.ts";
import { run } from "../system/run.ts";
import type { Release } from "./releases.ts";

/**
 * The objects of a release, each as a file; empty if the release is undefined.
 * @throws UserError with Helm's message
 */
export async function renderChart(release: Release | undefined): Promise<Files> {
  if (release === undefined) return new Map();
  const objects = objectsIn(await helm(release));
  if (objects === undefined || objects.length === 0) {
    throw new UserError(
      `Helm printed no objects for ${release.chart} ${release.version}: is the helm in PATH a wrapper?`,
    );
  }
  return new Map(objects.map((one) => [pathOf(release.name, one), textOf(one)]));
}

/** Undefined if it is not a list of Kubernetes objects. */
function objectsIn(output: string): Named[] | undefined {
  const documents = parseAllDocuments(output);
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  const objects = documents.map((one) => one.toJS() as unknown).filter((one) => one !== null);
  return objects.every(isNamed) ? objects : undefined;
}

function isNamed(value: unknown): value is Named {
  return textAt(value, "kind") !== "" && textAt(value, "metadata", "name") !== "";
}

/** CRDs alone take several MiB. */
const maxBytes = 256 * 1024 * 1024;

async function helm({
  name,
  namespace,
  chart,
  version,
  repository,
  skipCrds,
  values,
}: Release): Promise<string> {
  const args = [
    ...["template", name, chart, ...(repository === undefined ? [] : ["--repo", repository])],
    ...["--version", version, "--namespace", namespace],
    ...["--values", "-", skipCrds ? "--skip-crds" : "--include-crds"],
  ];
  const { stdout, stderr, status, failure } = await run("helm", args, {
    input: JSON.stringify(values),
    maxBytes,
  });
  if (failure === undefined) return stdout;
  if (status === undefined)
    throw new UserError(`${failure}. Install Helm 3 or 4: https://helm.sh/docs/intro/install`);
  throw new UserError(`Helm cannot render ${chart} ${version}: ${stderr.trim() || failure}`);
}

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function pathOf(release: string, { kind, metadata: { name, namespace } }: Named): string {
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
