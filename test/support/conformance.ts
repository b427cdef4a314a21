/** Builds the Dockerfiles of `test/conformance` with a builder as a stack runs it, and compares the results. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuilderName } from "../../components/builds/builders/builders.ts";
import type { VariableName } from "../../components/names.ts";
import { stageName, tagTemplate, variableName } from "../../components/names.ts";
import type { Container } from "../../components/kinds/kubernetes.ts";
import type { Case } from "../conformance/case.ts";
import { writeContext } from "./build-context.ts";
import { step } from "./build-template.ts";
import { named } from "./builders.ts";
import { pullImage } from "./built-image.ts";
import type { Outcome } from "./pod-container.ts";
import type { Differences } from "./conformance-compare.ts";
import { differences } from "./conformance-compare.ts";
import { atProxy } from "../../components/builds/builders/registries.ts";
import { programsFolder } from "./script.ts";

export interface Laboratory {
  readonly folder: string;
  /** The registry's host and port. */
  readonly host: string;
  readonly crane: string;
  readonly builder: BuilderName;
  /** Runs the builder's container, with these folders as its volumes. */
  readonly run: (container: Container, folders: Readonly<Record<string, string>>) => Promise<Outcome>;
}

/** The differences from Docker's result. `cached` is the second build's, which runs only if the first has none. */
export interface Comparison {
  readonly first: Differences;
  readonly cached: Differences;
}

/** Builds a case twice, the second time from the cache. */
export async function build(given: Case, at: Laboratory): Promise<Comparison> {
  const folder = mkdtempSync(join(at.folder, "case-"));
  const name = folder.slice(folder.lastIndexOf("/case-") + 6).toLowerCase();
  const once = async (commit: string) => {
    const { status } = await buildOnce(given, at, { folder, name, commit });
    return differences(given, status, () =>
      pullImage(at.crane, `${at.host}/${name}:${tag(commit)}`, join(folder, commit)),
    );
  };
  const first = await once("1".repeat(40));
  const cached = first.length === 0 ? await once("2".repeat(40)) : [];
  rmSync(folder, { recursive: true });
  return { first, cached };
}

/** Builds cases, three at a time. Calls `then` for each. */
export async function buildAll(
  cases: readonly Case[],
  at: Laboratory,
  then: (given: Case, comparison: Comparison) => void,
): Promise<void> {
  const waiting = [...cases];
  const work = async () => {
    for (let given = waiting.shift(); given !== undefined; given = waiting.shift())
      then(given, await build(given, at));
  };
  await Promise.all([work(), work(), work()]);
}

const tag = (commit: string) => commit.slice(0, 7);

/** Where a commit is built: an empty folder, and the name of its image in the registry. */
export interface Place {
  readonly folder: string;
  readonly name: string;
  readonly commit: string;
}

/** Builds a case, with the cache that earlier builds of the same image have left. */
export function buildOnce(given: Case, at: Laboratory, { folder, name, commit }: Place) {
  const folders = {
    workspace: join(folder, `workspace-${tag(commit)}`),
    scripts: programsFolder,
    results: join(folder, `results-${tag(commit)}`),
    "build-secrets": join(folder, `secrets-${tag(commit)}`),
    "no-account": join(folder, `no-account-${tag(commit)}`),
  };
  for (const path of Object.values(folders)) mkdirSync(path, { recursive: true });
  writeContext({ ...given, dockerfile: located(given.dockerfile, at.host) }, folders.workspace);
  writeFileSync(join(folders.results, "commit"), commit);
  writeFileSync(join(folders.results, "tag"), "");
  writeFileSync(join(folders.results, "registries"), at.host);
  for (const [key, value] of Object.entries(given.secrets ?? {}))
    writeFileSync(join(folders["build-secrets"], key), value);
  return at.run(container(given, at, name), folders);
}

/** The builder's container from its WorkflowTemplate, with the values that the cluster would substitute. */
function container(given: Case, { builder, host }: Laboratory, name: string): Container {
  const image = `${host}/${name}`;
  const keys = (values: Case["secrets"] = {}): VariableName[] =>
    Object.keys(values).map((key) => named(variableName, key));
  const { container: made } = step(
    "build",
    {
      image,
      builder,
      buildArgs: keys(given.buildArgs),
      secrets: keys(given.secrets),
      cache: { repository: `${image}-cache`, lifetime: 86400 },
      tags: { commit: named(tagTemplate, "{sha7}"), moving: [named(tagTemplate, "latest")] },
      ...(given.target === undefined ? {} : { target: named(stageName, given.target) }),
    },
    { registries: [{ host, insecure: true }], pullSecret: undefined },
  );
  const value = (key: string) => given.buildArgs?.[key] ?? "";
  return {
    ...made,
    args: (made.args ?? []).map((text) =>
      text
        .replaceAll("{{workflow.creationTimestamp}}", "2026-01-01T00:00:00Z")
        // There is no proxy here, and no login is needed.
        .replaceAll(atProxy(`${host}/`, [{ host, insecure: true }]), `${host}/`)
        .replaceAll(/^--registry-map=.*/g, `--insecure-registry=${host}`)
        .replaceAll(/\$\(([A-Z_]+)\)/g, (_, key: string) => value(key)),
    ),
    env: made.env.map((one) => ("value" in one ? one : { name: one.name, value: value(one.name) })),
  };
}

/** Replaces the names of base images with their addresses. */
function located(dockerfile: string, host: string): string {
  return dockerfile
    .replaceAll(/\bBASE\b/g, `${host}/base:1`)
    .replaceAll("VOLUMED", `${host}/volumed:1`)
    .replaceAll("MANY", `${host}/many:1`)
    .replaceAll("HOST", host);
}
