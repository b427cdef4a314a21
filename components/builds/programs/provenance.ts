/**
 * Writes the provenance of an image: an in-toto statement with SLSA provenance
 * (https://slsa.dev/spec/v1.2/build-provenance). Its values come from the stack file and from Argo, and none from
 * output of the built code.
 *
 * BUILT           true if this build made the image; false if the image existed already, with its own provenance
 * NAME            image with its registry, without a tag
 * DIGEST          digest of the image
 * COMMIT          commit that it was built from
 * BRANCH          branch that is built
 * GIT_TAG         git tag that is built; empty if it is the branch
 * REBUILD         true if a build was requested although the image existed
 * REPOSITORY_URL  URL of the repository
 * PARAMETERS      settings of the build from the stack file, as JSON
 * PLATFORM        image and layer cache of the builder, as JSON
 * BUILDER         URI of the template that built it
 * INVOCATION      URI of the Workflow
 * STARTED         when the build started; for several architectures, their times separated by commas
 * FINISHED        when it ended
 * STATEMENTS      folder for the output, provenance.json
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Variables } from "./environment.ts";
import { readVariables } from "./environment.ts";
import { parseJson } from "./json.ts";
import { runProgram } from "./program.ts";

export const variables = [
  ...(["BUILT", "NAME", "DIGEST", "COMMIT", "BRANCH", "GIT_TAG", "REBUILD", "REPOSITORY_URL"] as const),
  ...(["PARAMETERS", "PLATFORM", "BUILDER", "INVOCATION", "STARTED", "FINISHED", "STATEMENTS"] as const),
] as const;
type Env = Variables<(typeof variables)[number]>;

/** Identifies the format of externalParameters and internalParameters: docs/builds.md. */
const buildType = "urn:argo-cicd:build:v1";

if (import.meta.main) await runProgram(() => write(readVariables(variables)));

function write(env: Env): Promise<boolean> {
  const { BUILT: built, NAME: name, DIGEST: digest, STATEMENTS: folder } = env;
  const image = `${name}@${digest}`;
  if (built === "true") {
    writeFileSync(join(folder, "provenance.json"), JSON.stringify(statement(env)));
    console.log(`wrote the provenance of ${image}`);
  } else console.log(`${image} was not built: its provenance was written by the build that made it`);
  return Promise.resolve(true);
}

/** @throws Error if the commit, digest or a time is missing */
export function statement(env: Omit<Env, "BUILT" | "STATEMENTS">): object {
  const sha256 = matched("an image digest", env.DIGEST, /^sha256:([0-9a-f]{64})$/);
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: env.NAME, digest: { sha256 } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: buildDefinition(env, matched("a full commit", env.COMMIT, /^([0-9a-f]{40})$/)),
      runDetails: {
        builder: { id: env.BUILDER },
        metadata: {
          invocationId: env.INVOCATION,
          startedOn: first(env.STARTED.split(",").map((one) => time("start", one))),
          finishedOn: time("end", env.FINISHED),
        },
      },
    },
  };
}

type Source = Pick<Env, "REPOSITORY_URL" | "BRANCH" | "GIT_TAG" | "REBUILD" | "PARAMETERS" | "PLATFORM">;

function buildDefinition(env: Source, gitCommit: string): object {
  const { REPOSITORY_URL: repository, BRANCH: branch, GIT_TAG: tag, REBUILD: rebuild } = env;
  const ref = tag === "" ? `refs/heads/${branch}` : `refs/tags/${tag}`;
  return {
    buildType,
    externalParameters: {
      ...fields("PARAMETERS", env.PARAMETERS),
      repository,
      ref,
      rebuild: rebuild === "true",
    },
    internalParameters: fields("PLATFORM", env.PLATFORM),
    resolvedDependencies: [{ uri: `git+${repository}@${ref}`, digest: { gitCommit } }],
  };
}

function matched(what: string, text: string, form: RegExp): string {
  const [, found] = form.exec(text) ?? [];
  if (found === undefined) throw new Error(`the build ended without ${what}: build it again`);
  return found;
}

/** Converts to RFC 3339 in UTC. Argo uses the time zone of its controller. */
function time(what: string, text: string): string {
  if (Number.isNaN(Date.parse(text))) throw new Error(`the build's ${what} time is unknown: "${text}"`);
  return new Date(text).toISOString();
}

/** The earliest of times in the same format. */
function first(times: readonly string[]): string | undefined {
  return times.toSorted()[0];
}

function fields(name: string, text: string): object {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) throw new Error(`${name} is not a JSON object`);
  return value;
}
