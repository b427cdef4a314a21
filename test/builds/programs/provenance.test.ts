/** The provenance statement of an image. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { statement } from "../../../components/builds/programs/provenance.ts";
import { programsFolder, runProgram, temporaryFolder } from "../../support/script.ts";

const commit = "1a2b3c4d".repeat(5);
const sha256 = "0f".repeat(32);
const given = {
  NAME: "registry.example.com/team/web",
  DIGEST: `sha256:${sha256}`,
  COMMIT: commit,
  BRANCH: "main",
  GIT_TAG: "",
  REBUILD: "false",
  REPOSITORY_URL: "https://github.com/acme/web.git",
  PARAMETERS: '{"dockerfile":"web.Dockerfile","args":{"VERSION":"{sha7}"},"buildArgs":["TOKEN"]}',
  PLATFORM: '{"builderImage":"kaniko:1"}',
  BUILDER: "https://workflows.example/workflow-templates/ci/web",
  INVOCATION: "https://workflows.example/workflows/ci/web-1a2b3c4d5e6f-x",
  STARTED: "2026-11-29T18:05:09+09:00",
  FINISHED: "2026-11-29T09:07:00Z",
};

const expected = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "registry.example.com/team/web", digest: { sha256 } }],
  predicateType: "https://slsa.dev/provenance/v1",
  predicate: {
    buildDefinition: {
      buildType: "urn:argo-cicd:build:v1",
      externalParameters: {
        repository: "https://github.com/acme/web.git",
        ref: "refs/heads/main",
        rebuild: false,
        dockerfile: "web.Dockerfile",
        args: { VERSION: "{sha7}" },
        buildArgs: ["TOKEN"],
      },
      internalParameters: { builderImage: "kaniko:1" },
      resolvedDependencies: [
        { uri: "git+https://github.com/acme/web.git@refs/heads/main", digest: { gitCommit: commit } },
      ],
    },
    runDetails: {
      builder: { id: "https://workflows.example/workflow-templates/ci/web" },
      metadata: {
        invocationId: "https://workflows.example/workflows/ci/web-1a2b3c4d5e6f-x",
        startedOn: "2026-11-29T09:05:09.000Z",
        finishedOn: "2026-11-29T09:07:00.000Z",
      },
    },
  },
};

describe("the provenance of an image", () => {
  it("is a statement of in-toto about its digest", () => {
    assert.deepEqual(statement(given), expected);
  });

  it("names the git tag that was built, and a requested rebuild", () => {
    const text = JSON.stringify(statement({ ...given, GIT_TAG: "v1.4.0", REBUILD: "true" }));
    assert.match(text, /"ref":"refs\/tags\/v1\.4\.0","rebuild":true/);
    assert.match(text, /"uri":"git\+https:\/\/github\.com\/acme\/web\.git@refs\/tags\/v1\.4\.0"/);
  });

  it("starts with the first of several architectures", () => {
    const later = "2027-01-01 00:00:00 +0000 UTC";
    const STARTED = `${later},${given.STARTED}`;
    assert.deepEqual(statement({ ...given, STARTED }), expected);
  });

  it("treats every value as data", () => {
    const hostile = '"}],"subject":[{"name":"x';
    const texts = { NAME: hostile, BRANCH: hostile, REPOSITORY_URL: hostile, INVOCATION: hostile };
    const written: unknown = JSON.parse(JSON.stringify(statement({ ...given, ...texts })));
    const { buildDefinition, runDetails } = expected.predicate;
    const ref = `refs/heads/${hostile}`;
    assert.deepEqual(written, {
      ...expected,
      subject: [{ name: hostile, digest: { sha256 } }],
      predicate: {
        buildDefinition: {
          ...buildDefinition,
          externalParameters: { ...buildDefinition.externalParameters, repository: hostile, ref },
          resolvedDependencies: [{ uri: `git+${hostile}@${ref}`, digest: { gitCommit: commit } }],
        },
        runDetails: { ...runDetails, metadata: { ...runDetails.metadata, invocationId: hostile } },
      },
    });
  });

  it("lets no parameter override the repository and the ref", () => {
    const PARAMETERS = '{"repository":"https://github.com/other/web.git","ref":"refs/heads/other"}';
    assert.deepEqual(statement({ ...given, PARAMETERS, PLATFORM: "{}" }), {
      ...expected,
      predicate: {
        ...expected.predicate,
        buildDefinition: {
          ...expected.predicate.buildDefinition,
          externalParameters: {
            repository: "https://github.com/acme/web.git",
            ref: "refs/heads/main",
            rebuild: false,
          },
          internalParameters: {},
        },
      },
    });
  });

  const mistakes: readonly (readonly [string, Partial<typeof given>])[] = [
    ["the build ended without an image digest: build it again", { DIGEST: "no digest" }],
    ["the build ended without a full commit: build it again", { COMMIT: "no full commit" }],
    ['the build\'s start time is unknown: "{{tasks}}"', { STARTED: "{{tasks}}" }],
    ["PARAMETERS is not a JSON object", { PARAMETERS: "{" }],
  ];
  for (const [message, change] of mistakes)
    it(`is not written: ${message}`, () => {
      assert.throws(() => statement({ ...given, ...change }), { message });
    });
});

describe("provenance.ts", () => {
  const folder = temporaryFolder("provenance");

  it("writes a file for the step's next container, only for an image that was built", async () => {
    const variables = { ...given, STATEMENTS: folder };
    const found = await runProgram(programsFolder, "provenance.ts", { ...variables, BUILT: "false" });
    const image = `${given.NAME}@${given.DIGEST}`;
    assert.deepEqual(found, {
      status: 0,
      stdout: `${image} was not built: its provenance was written by the build that made it\n`,
      stderr: "",
    });
    assert.throws(() => readFileSync(join(folder, "provenance.json")), { code: "ENOENT" });
    const built = await runProgram(programsFolder, "provenance.ts", { ...variables, BUILT: "true" });
    assert.deepEqual(built, { status: 0, stdout: `wrote the provenance of ${image}\n`, stderr: "" });
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "provenance.json"), "utf8")), expected);
  });
});
