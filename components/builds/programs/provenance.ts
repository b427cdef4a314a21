/**
 * Writes how an image was made: a statement of in-toto with SLSA's provenance (https://slsa.dev/spec/v1.2/build-provenance). What it
 * says comes from the stack file and from Argo, and nothing of it from what the authors' code has written.
 *
 * BUILT           true if this build has made the image; false where it was there, with a provenance of its own
 * NAME            the image with its registry, without a tag
 * DIGEST          of the image
 * COMMIT          that it was made of
 * BRANCH          that is built
 * GIT_TAG         the tag of git that is built; empty where it is the branch
 * REBUILD         true if it was to be built though there was an image
 * REPOSITORY_URL  the repository
 * PARAMETERS      what the stack file says of the build, as JSON
 * PLATFORM        what the build has run with, as JSON
 * BUILDER         address of the template that has built it
 * INVOCATION      address of the Workflow
 * STARTED         when the build began, or those of several architectures, separated by commas, and
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
type Given = Variables<(typeof variables)[number]>;

/** Names what stands under externalParameters and internalParameters: docs/builds.md. */
const buildType = "urn:argo-cicd:build:v1";

if (import.meta.main) await runProgram(() => write(readVariables(variables)));

function write(given: Given): Promise<boolean> {
  const { BUILT: built, NAME: name, DIGEST: digest, STATEMENTS: folder } = given;
  const image = `${name}@${digest}`;
  if (built === "true") {
    writeFileSync(join(folder, "provenance.json"), JSON.stringify(statement(given)));
    console.log(`wrote the provenance of ${image}`);
  } else console.log(`${image} was not built: its provenance was written by the build that has made it`);
  return Promise.resolve(true);
}

/** @throws Error where the build has left no commit, digest or time */
export function statement(given: Omit<Given, "BUILT" | "STATEMENTS">): object {
  const sha256 = matched("digest", given.DIGEST, /^sha256:([0-9a-f]{64})$/);
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: given.NAME, digest: { sha256 } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: buildDefinition(given, matched("commit", given.COMMIT, /^([0-9a-f]{40})$/)),
      runDetails: {
        builder: { id: given.BUILDER },
        metadata: {
          invocationId: given.INVOCATION,
          startedOn: first(given.STARTED.split(",").map((one) => time("start", one))),
          finishedOn: time("end", given.FINISHED),
        },
      },
    },
  };
}

type Source = Pick<Given, "REPOSITORY_URL" | "BRANCH" | "GIT_TAG" | "REBUILD" | "PARAMETERS" | "PLATFORM">;

function buildDefinition(given: Source, gitCommit: string): object {
  const { REPOSITORY_URL: repository, BRANCH: branch, GIT_TAG: tag, REBUILD: rebuild } = given;
  const ref = tag === "" ? `refs/heads/${branch}` : `refs/tags/${tag}`;
  return {
    buildType,
    externalParameters: {
      ...fields("PARAMETERS", given.PARAMETERS),
      repository,
      ref,
      rebuild: rebuild === "true",
    },
    internalParameters: fields("PLATFORM", given.PLATFORM),
    resolvedDependencies: [{ uri: `git+${repository}@${ref}`, digest: { gitCommit } }],
  };
}

function matched(what: string, text: string, form: RegExp): string {
  const [, found] = form.exec(text) ?? [];
  if (found === undefined)
    throw new Error(`the build has ended without the ${what} of an image: build it again`);
  return found;
}

/** As RFC 3339 has it in UTC. Argo gives the time zone of its controller. */
function time(what: string, text: string): string {
  if (Number.isNaN(Date.parse(text)))
    throw new Error(`the time of the build's ${what} is not known: "${text}"`);
  return new Date(text).toISOString();
}

/** Of times in one form. */
function first(times: readonly string[]): string | undefined {
  return times.toSorted()[0];
}

function fields(name: string, text: string): object {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) throw new Error(`${name} is no object of JSON`);
  return value;
}
