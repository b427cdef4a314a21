/** The images of one commit for several architectures: the scripts and the catch-up, with a real registry and the real crane. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Registry } from "../../components/builds/programs/registry.ts";
import { clusterTool } from "../support/cluster-tools.ts";
import { pushImage, startLocalRegistries } from "../support/registry.ts";
import { imageShell, result, runScript, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("image-index");
const crane = await clusterTool("crane");
const revision = "org.opencontainers.image.revision";
const commit = "1a2b3c4d".repeat(5);
const other = "0123456789".repeat(4);
const indexTag = "develop-1a2b3c4";
const platforms = { amd64: "linux/amd64", arm64: "linux/arm64/v8" } as const;
type Architecture = keyof typeof platforms;

const [registry, readOnly] = await startLocalRegistries(folder);

let runs = 0;

/** A repository for each test, and functions that push to it. */
function prepared() {
  runs += 1;
  const name = `a/service-${runs.toString()}`;
  const image = `${registry.host}/${name}`;
  const push = (
    tag: string,
    architecture: Architecture,
    more: { of?: string; oci?: boolean; a?: string } = {},
  ) =>
    pushImage(
      crane,
      `${image}:${tag}`,
      { [revision]: more.of ?? commit, a: more.a ?? "b" },
      { platform: platforms[architecture], oci: more.oci ?? false },
    );
  const pushPart = (architecture: Architecture, more: Parameters<typeof push>[2] = {}) =>
    push(`${indexTag}-${architecture}`, architecture, more);
  return { name, image, push, pushPart };
}

function resultsFolder(): string {
  const results = join(folder, `results-${(runs += 1).toString()}`);
  mkdirSync(results);
  writeFileSync(join(results, "commit"), commit);
  return results;
}

function run(...args: string[]): string {
  return execFileSync(crane, args, { encoding: "utf8", stdio: "pipe" }).trim();
}

const digestOf = (reference: string) => run("digest", reference);
const tagsOf = (image: string) => run("ls", image).split("\n").sort();

interface Manifest {
  readonly mediaType: string;
  readonly manifests: readonly {
    readonly mediaType: string;
    readonly digest: string;
    readonly platform: object;
  }[];
}
const manifestOf = (reference: string) => JSON.parse(run("manifest", reference)) as Manifest;

const shell = imageShell({ crane });

/** One architecture's pod, without the builder. */
async function find(
  image: string,
  architecture: Architecture,
  { REBUILD = "false", TAGS = `develop-{sha7} develop-{sha7}-${architecture}` } = {},
) {
  const results = resultsFolder();
  const { status, stdout, stderr } = await runScript(shell, "find.sh", {
    ...{ IMAGE: image, COMMIT_TAG: `develop-{sha7}-${architecture}`, ARCHITECTURE: architecture, TAGS },
    ...{ INSECURE: "true", REBUILD, RESULTS: results },
  });
  assert.equal(status, 0, stderr);
  const printed = stdout.trim().split("\n").at(-1);
  return { printed, digest: result(results, "digest"), built: result(results, "built") };
}

async function index(IMAGE: string, PARTS: string) {
  const results = resultsFolder();
  const variables = { IMAGE, COMMIT_TAG: "develop-{sha7}", PARTS, INSECURE: "true", RESULTS: results };
  const { status, stdout, stderr } = await runScript(shell, "index.sh", variables);
  const outputs = ["commit", "digest", "built"].map((name) => result(results, name));
  return { status, stdout, stderr, outputs, digest: outputs[1] ?? "" };
}

const part = (architecture: Architecture, digest: string, built = true, of = commit) =>
  `${architecture} ${of} ${digest} ${built.toString()}`;

describe(`index.sh in ${shell.name}`, () => {
  it("puts the images into an index under the commit's tag, each with its platform", async () => {
    const { image, pushPart } = prepared();
    const [amd64, arm64] = [pushPart("amd64"), pushPart("arm64")];
    const made = await index(image, `${part("amd64", amd64)} ${part("arm64", arm64)}`);
    assert.equal(made.status, 0, made.stderr);
    const digest = digestOf(`${image}:${indexTag}`);
    assert.deepEqual(made.outputs, [commit, digest, "true"]);
    assert.equal(made.stdout, `${image}:${indexTag} has the images for amd64, arm64: ${digest}\n`);
    const { mediaType, manifests } = manifestOf(`${image}@${digest}`);
    assert.equal(mediaType, "application/vnd.docker.distribution.manifest.list.v2+json");
    assert.deepEqual(
      manifests.map(({ digest: own, platform }) => [own, platform]),
      [
        [amd64, { architecture: "amd64", os: "linux" }],
        [arm64, { architecture: "arm64", os: "linux", variant: "v8" }],
      ],
    );
    assert.deepEqual(tagsOf(image), [indexTag, `${indexTag}-amd64`, `${indexTag}-arm64`]);
  });

  it("makes an OCI index of OCI images, and unwraps an image that a builder has pushed as an index", async () => {
    const { image, push, pushPart } = prepared();
    const amd64 = pushPart("amd64", { oci: true });
    const arm64 = push("plain", "arm64", { oci: true });
    run("index", "append", "--tag", `${image}:${indexTag}-arm64`, "--manifest", `${image}:plain`);
    const pushed = digestOf(`${image}:${indexTag}-arm64`);
    assert.notEqual(pushed, arm64);
    const { status, stderr, digest } = await index(image, `${part("amd64", amd64)} ${part("arm64", pushed)}`);
    assert.equal(status, 0, stderr);
    const { mediaType, manifests } = manifestOf(`${image}@${digest}`);
    assert.equal(mediaType, "application/vnd.oci.image.index.v1+json");
    assert.deepEqual(
      manifests.map((one) => one.digest),
      [amd64, arm64],
    );
  });

  it("leaves an index that has the images unchanged, and makes the same index of the same images", async () => {
    const { image, pushPart } = prepared();
    const [amd64, arm64] = [pushPart("amd64"), pushPart("arm64")];
    const parts = (built: boolean) => `${part("amd64", amd64, built)} ${part("arm64", arm64, built)}`;
    const first = await index(image, parts(true));
    const again = await index(image, parts(false));
    assert.equal(again.stdout, `${image}:${indexTag} has the images for amd64, arm64 already\n`);
    assert.deepEqual(again.outputs, [commit, first.digest, "false"]);
    run("tag", `${image}@${amd64}`, indexTag);
    assert.equal((await index(image, parts(true))).digest, first.digest);
  });

  it("keeps the index in which an image was found, even if an earlier build has pushed another one since", async () => {
    const { image, pushPart } = prepared();
    const [amd64, arm64] = [pushPart("amd64"), pushPart("arm64")];
    const first = await index(image, `${part("amd64", amd64)} ${part("arm64", arm64)}`);
    const late = pushPart("amd64", { a: "late" });
    const second = await index(image, `${part("amd64", late)} ${part("arm64", arm64, false)}`);
    assert.deepEqual(second.outputs, [commit, first.digest, "false"]);
    assert.equal(digestOf(`${image}:${indexTag}`), first.digest);
  });

  it("moves the commit's tag to a new index when the images are built again", async () => {
    const { image, pushPart } = prepared();
    const [amd64, arm64] = [pushPart("amd64"), pushPart("arm64")];
    await index(image, `${part("amd64", amd64)} ${part("arm64", arm64)}`);
    const [newer, newest] = [pushPart("amd64", { a: "again" }), pushPart("arm64", { a: "again" })];
    const { digest } = await index(image, `${part("amd64", newer)} ${part("arm64", newest)}`);
    assert.deepEqual(
      manifestOf(`${image}:${indexTag}`).manifests.map((one) => one.digest),
      [newer, newest],
    );
    assert.equal(digestOf(`${image}:${indexTag}`), digest);
  });

  it("refuses an image that is for another architecture than requested, and sets no tag", async () => {
    const { image, push, pushPart } = prepared();
    const amd64 = pushPart("amd64");
    const wrong = push(`${indexTag}-arm64`, "amd64", { a: '"architecture":"arm64"' });
    const { status, stderr, outputs } = await index(image, `${part("amd64", amd64)} ${part("arm64", wrong)}`);
    assert.equal(
      stderr,
      "the image that was built for arm64 is for amd64: the Dockerfile needs base images that exist for arm64\n",
    );
    assert.deepEqual([status, ...outputs], [1, commit, undefined, undefined]);
    assert.deepEqual(tagsOf(image), [`${indexTag}-amd64`, `${indexTag}-arm64`]);
  });

  it("refuses images of two commits: the branch may have moved on between their builds", async () => {
    const { image, pushPart } = prepared();
    const parts = [
      part("amd64", pushPart("amd64")),
      part("arm64", pushPart("arm64", { of: other }), true, other),
    ];
    const { status, stderr } = await index(image, parts.join(" "));
    assert.equal(
      stderr,
      `the image for arm64 is of commit ${other}, and another is of ${commit}, since the branch moved on during the build: build it again\n`,
    );
    assert.equal(status, 1);
  });

  it("reports a build that has named no image, or one that does not exist", async () => {
    const { image, pushPart } = prepared();
    const amd64 = part("amd64", pushPart("amd64"));
    const nameless = await index(image, `${amd64} arm64 none none false`);
    assert.equal(nameless.stderr, "the build for arm64 ended without an image digest: build it again\n");
    const missing = `sha256:${"0".repeat(64)}`;
    const gone = await index(image, `${amd64} ${part("arm64", missing)}`);
    assert.ok(
      gone.stderr.endsWith(
        `\ncannot find ${image}@${missing} in the registry, to which its build pushed it: was it removed? Build it again\n`,
      ),
      gone.stderr,
    );
    assert.deepEqual([nameless.status, gone.status], [1, 1]);
  });

  it("ends with a clear error when it may not push", async () => {
    const { name, pushPart } = prepared();
    const parts = `${part("amd64", pushPart("amd64"))} ${part("arm64", pushPart("arm64"))}`;
    const image = `${readOnly.host}/${name}`;
    const { status, stderr } = await index(image, parts);
    assert.ok(
      stderr.endsWith(
        `\ncannot push ${image}:${indexTag}: may the registry's login push, and does the registry accept an index of several architectures?\n`,
      ),
      stderr,
    );
    assert.equal(status, 1);
  });
});

describe(`find.sh for one of several architectures in ${shell.name}`, () => {
  it("finds each image in the index of the commit", async () => {
    const { image, pushPart } = prepared();
    const [amd64, arm64] = [pushPart("amd64"), pushPart("arm64")];
    await index(image, `${part("amd64", amd64)} ${part("arm64", arm64)}`);
    const printed = `${image}:${indexTag} is labeled with commit ${commit}: not building it again`;
    assert.deepEqual(await find(image, "amd64"), { printed, digest: amd64, built: "false" });
    assert.deepEqual(await find(image, "arm64"), { printed, digest: arm64, built: "false" });
  });

  it("builds only the architecture that has no image", async () => {
    const { image, pushPart } = prepared();
    const amd64 = pushPart("amd64");
    const own = `${image}:${indexTag}-amd64`;
    assert.deepEqual(await find(image, "amd64"), {
      printed: `${own} is labeled with commit ${commit}: not building it again`,
      digest: amd64,
      built: "false",
    });
    const printed = `there is no ${image}:${indexTag}-arm64 yet: building it`;
    assert.deepEqual(await find(image, "arm64"), { printed, digest: "", built: "true" });
  });

  it("builds both if an image alone may not be reused, because only the build of its index signs it", async () => {
    const { image, pushPart } = prepared();
    pushPart("amd64");
    const printed = `there is no ${image}:${indexTag} yet: building it`;
    const found = await find(image, "amd64", { TAGS: "develop-{sha7}" });
    assert.deepEqual(found, { printed, digest: "", built: "true" });
  });

  it("reuses an image from before there were several architectures, only for its own architecture", async () => {
    const { image, push, pushPart } = prepared();
    const before = push(indexTag, "amd64");
    assert.equal((await find(image, "amd64")).digest, before);
    assert.equal((await find(image, "arm64")).digest, "");
    const made = await index(image, `${part("amd64", before, false)} ${part("arm64", pushPart("arm64"))}`);
    assert.equal(made.status, 0, made.stderr);
    assert.deepEqual(made.outputs, [commit, digestOf(`${image}:${indexTag}`), "false"]);
    assert.equal(manifestOf(`${image}:${indexTag}`).manifests[0]?.digest, before);
  });

  it("reuses no image of another commit with the same prefix, and none for a rebuild", async () => {
    const { image, pushPart } = prepared();
    const parts = `${part("amd64", pushPart("amd64", { of: other }))} ${part("arm64", pushPart("arm64", { of: other }))}`;
    await index(image, parts);
    const printed = `${image}:${indexTag}-arm64 is not labeled with commit ${commit}: building it`;
    assert.deepEqual(await find(image, "arm64"), { printed, digest: "", built: "true" });
    const again = `a rebuild of ${image}:${indexTag}-arm64 was requested: building it`;
    assert.equal((await find(image, "arm64", { REBUILD: "true" })).printed, again);
  });
});

describe("an index as the image of a commit", () => {
  async function pushed() {
    const { image, name, pushPart } = prepared();
    const { digest } = await index(
      image,
      `${part("amd64", pushPart("amd64"))} ${part("arm64", pushPart("arm64"))}`,
    );
    return { image, name, digest };
  }

  it("is reused by find.sh when the stack names one architecture again", async () => {
    const { image, digest } = await pushed();
    const RESULTS = resultsFolder();
    const own = { IMAGE: image, COMMIT_TAG: "develop-{sha7}", INSECURE: "true", REBUILD: "false", RESULTS };
    await runScript(shell, "find.sh", own);
    assert.equal(result(RESULTS, "digest"), digest);
  });

  it("is tagged as a whole by tag.sh, which reads its commit", async () => {
    const { image, digest } = await pushed();
    const RESULTS = resultsFolder();
    const tag = async (newest: string, later: string) => {
      writeFileSync(join(RESULTS, "newest"), newest);
      writeFileSync(join(RESULTS, "later"), later);
      const own = {
        IMAGE: image,
        COMMIT_TAG: "develop-{sha7}",
        INSECURE: "true",
        MOVING_TAGS: "develop",
        RESULTS,
      };
      const { stderr } = await runScript(shell, "tag.sh", { ...own, GIT_TAG: "", DIGEST: digest });
      return result(RESULTS, "summary") ?? stderr;
    };
    assert.equal(await tag("true", ""), "moved develop");
    assert.equal(digestOf(`${image}:develop`), digest);
    // The tag points to an index of a later commit.
    assert.equal(await tag("false", commit), "develop stays where it is: the branch has moved on");
  });

  it("is found by the catch-up", async () => {
    const { name, digest } = await pushed();
    const asked = new Registry({ REGISTRY: registry.host, INSECURE: "true", DOCKER_CONFIG: folder });
    assert.equal(await asked.digest(name, indexTag), digest);
    assert.equal(await asked.revision(name, indexTag), commit);
  });
});
