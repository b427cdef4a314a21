/** The scripts that query a registry, with a real registry and the real crane. No node is needed. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { clusterTool } from "../support/cluster-tools.ts";
import { startHttpServer } from "../support/http-server.ts";
import { pushImage, startLocalRegistries } from "../support/registry.ts";
import { imageShell, result, runScript, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("script-registry");
const crane = await clusterTool("crane");
const revision = "org.opencontainers.image.revision";
const commit = "1a2b3c4d".repeat(5);
const other = "0123456789".repeat(4);
/** The commits after it, as tip.sh finds them. */
const later = ["a".repeat(40), other].join("\n");

const [registry, readOnly] = await startLocalRegistries(folder);

const missing = `sha256:${"0".repeat(64)}`;

let runs = 0;

/** A repository for each test, and the results of the steps before. */
function prepared(newest = true) {
  runs += 1;
  const results = join(folder, `results-${runs.toString()}`);
  mkdirSync(results);
  writeFileSync(join(results, "commit"), commit);
  writeFileSync(join(results, "newest"), newest.toString());
  writeFileSync(join(results, "later"), newest ? "" : later);
  const name = `a/service-${runs.toString()}`;
  const image = `${registry.host}/${name}`;
  const variables = {
    IMAGE: image,
    COMMIT_TAG: "develop-{sha7}",
    INSECURE: "true",
    REBUILD: "false",
    MOVING_TAGS: "develop latest",
    GIT_TAG: "",
    RESULTS: results,
  };
  const push = (tag: string, of: string) => pushImage(crane, `${image}:${tag}`, { [revision]: of, a: "b" });
  return { name, image, results, variables, push };
}

function digestOf(reference: string): string | undefined {
  try {
    return execFileSync(crane, ["digest", reference], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return undefined;
  }
}

const shell = imageShell({ crane });
describe(`find.sh in ${shell.name}`, () => {
  async function find(variables: Readonly<Record<string, string>>) {
    const { status, stdout, stderr } = await runScript(shell, "find.sh", variables);
    return { status, stdout, stderr, digest: result(variables["RESULTS"] ?? "", "digest") };
  }

  it("finds the image of the commit", async () => {
    const { image, variables, push } = prepared();
    const digest = push("develop-1a2b3c4", commit);
    assert.deepEqual(await find(variables), {
      status: 0,
      stdout: `${image}:develop-1a2b3c4 is labeled with commit ${commit}: not building it again\n`,
      stderr: "",
      digest,
    });
    assert.equal(result(variables.RESULTS, "built"), "false");
  });

  it("reuses no image of another commit with the same prefix", async () => {
    const { image, variables, push } = prepared();
    push("develop-1a2b3c4", other);
    const { stdout, digest } = await find(variables);
    assert.equal(stdout, `${image}:develop-1a2b3c4 is not labeled with commit ${commit}: building it\n`);
    assert.equal(digest, "");
    assert.equal(result(variables.RESULTS, "built"), "true");
  });

  it("reuses no image that has the commit in another label's text", async () => {
    const { image, variables } = prepared();
    pushImage(crane, `${image}:develop-1a2b3c4`, { a: `"${revision}":"${commit}"` });
    assert.equal((await find(variables)).digest, "");
  });

  it("reuses no image for a rebuild", async () => {
    const { variables, push } = prepared();
    push("develop-1a2b3c4", commit);
    const { status, stdout, digest } = await find({ ...variables, REBUILD: "true" });
    assert.match(stdout, /a rebuild of .*:develop-1a2b3c4 was requested: building it\n$/);
    assert.deepEqual([status, digest], [0, ""]);
  });

  it("finds no image in a repository that does not exist, or in one without the tag", async () => {
    const { image, variables, push } = prepared();
    const expected = {
      status: 0,
      stdout: `there is no ${image}:develop-1a2b3c4 yet: building it\n`,
      stderr: "",
      digest: "",
    };
    assert.deepEqual(await find(variables), expected);
    push("another", commit);
    assert.deepEqual(await find(variables), expected);
  });

  it("queries a registry of plain HTTP under any name", async () => {
    const { image, name, variables, push } = prepared();
    const digest = push("develop-1a2b3c4", commit);
    // Requests for a name that cannot be resolved go to the proxy. The registry answers them as its own.
    const IMAGE = `registry.invalid/${name}`;
    const proxied = { ...variables, IMAGE, http_proxy: `http://${image.split("/")[0] ?? ""}` };
    assert.equal((await find(proxied)).digest, digest);
    assert.equal((await find({ ...proxied, INSECURE: "false" })).status, 1);
  });

  const unclear: Readonly<Record<string, readonly [number, string]>> = {
    "a registry that hides what the login may not read": [401, "UNAUTHORIZED"],
    "a registry that denies": [403, "DENIED"],
    "a registry that limits the rate of requests": [429, "TOOMANYREQUESTS"],
    "a proxy that denies without the registry's error": [403, ""],
  };
  for (const [what, [code, word]] of Object.entries(unclear)) {
    it(`leaves it to the push to report ${what}`, async () => {
      const { status, stdout, digest } = await against(code, word);
      assert.match(
        stdout,
        /\nthe registry does not report whether .*:develop-1a2b3c4 exists: building it\n$/,
      );
      assert.deepEqual([status, digest], [0, ""]);
    });
  }

  it("finds no image if the registry answers 404 with another error, or none", async () => {
    assert.match((await against(404, "NOT_FOUND")).stdout, /^there is no /);
    assert.match((await against(404, "")).stdout, /^there is no /);
  });

  it("ends with a clear error when the registry is unhealthy, or missing", async () => {
    const sick = await against(500, "UNKNOWN");
    assert.match(sick.stderr, /\ncannot query the registry of .*, and a push would fail too: check that/);
    assert.deepEqual([sick.status, sick.digest], [1, ""]);
    const gone = await find({ ...prepared().variables, IMAGE: "127.0.0.1:1/a/service" });
    assert.match(
      gone.stderr,
      /connection refused\ncannot query the registry of 127.0.0.1:1\/a\/service, and/,
    );
    assert.deepEqual([gone.status, gone.digest], [1, ""]);
  });

  /** Queries a registry that gives only this answer. */
  async function against(code: number, word: string) {
    const server = await startHttpServer((request, response) => {
      if (request.url === "/v2/") response.end("{}");
      else if (word === "") response.writeHead(code).end("no");
      else {
        const body = { errors: [{ code: word, message: "a word of the registry" }] };
        response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
      }
    });
    try {
      return await find({ ...prepared().variables, IMAGE: `${new URL(server.url).host}/a/service` });
    } finally {
      server.close();
    }
  }
});

describe(`tag.sh in ${shell.name}`, () => {
  /** Runs tag.sh with the digest of the image that the build has pushed. */
  async function tag(given: Readonly<Record<string, string>>) {
    const built = digestOf(`${given["IMAGE"] ?? ""}:develop-1a2b3c4`) ?? missing;
    const variables: Readonly<Record<string, string>> = { DIGEST: built, ...given };
    const { status, stdout, stderr } = await runScript(shell, "tag.sh", variables);
    const results = variables["RESULTS"] ?? "";
    return { status, stdout, stderr, summary: result(results, "summary"), digest: result(results, "digest") };
  }

  it("moves the tags that follow the branch to the newest commit's image", async () => {
    const { image, variables, push } = prepared();
    push("develop", other);
    const digest = push("develop-1a2b3c4", commit);
    const done = await tag(variables);
    assert.deepEqual(
      [done.status, done.summary, done.digest],
      [0, "moved develop, latest", digest],
      done.stderr,
    );
    assert.deepEqual([digestOf(`${image}:develop`), digestOf(`${image}:latest`)], [digest, digest]);
    assert.equal((await tag(variables)).summary, "moved develop, latest");
  });

  it("leaves the tags when the branch has moved on", async () => {
    const { image, variables, push } = prepared(false);
    const newer = push("develop", other);
    const digest = push("develop-1a2b3c4", commit);
    const done = await tag(variables);
    assert.deepEqual(
      [done.status, done.summary, done.digest],
      [0, "develop, latest stay where they are: the branch has moved on", digest],
    );
    assert.deepEqual([digestOf(`${image}:develop`), digestOf(`${image}:latest`)], [newer, undefined]);
    const one = await tag({ ...variables, MOVING_TAGS: "develop" });
    assert.equal(one.summary, "develop stays where it is: the branch has moved on");
  });

  it("moves the tags too if no later commit has them, because later pushes have built nothing", async () => {
    const { image, variables, push } = prepared(false);
    push("develop", "b".repeat(40));
    const digest = push("develop-1a2b3c4", commit);
    assert.equal((await tag(variables)).summary, "moved develop, latest");
    assert.equal(digestOf(`${image}:develop`), digest);
    const first = prepared(false);
    first.push("develop-1a2b3c4", commit);
    assert.equal((await tag(first.variables)).summary, "moved develop, latest");
  });

  it("leaves the tags when the commit is no longer on the branch", async () => {
    const { image, results, variables, push } = prepared(false);
    writeFileSync(join(results, "later"), "");
    push("develop-1a2b3c4", commit);
    assert.equal(
      (await tag(variables)).summary,
      "develop, latest stay where they are: the branch has moved on",
    );
    assert.equal(digestOf(`${image}:develop`), undefined);
  });

  it("refuses a git tag that is named like a tag that follows the branch", async () => {
    const { variables, push } = prepared();
    push("develop-1a2b3c4", commit);
    const { status, stderr } = await tag({ ...variables, GIT_TAG: "latest" });
    assert.equal(
      stderr,
      "the git tag latest has the name of a tag that follows the branch: give it another name\n",
    );
    assert.equal(status, 1);
  });

  it("refuses a git tag that is named like the image's signatures", async () => {
    const { variables, push } = prepared();
    const GIT_TAG = push("develop-1a2b3c4", commit).replace(":", "-");
    const { status, stderr } = await tag({ ...variables, GIT_TAG });
    assert.equal(
      stderr,
      `the git tag ${GIT_TAG} has the name of an image's signatures: give it another name\n`,
    );
    assert.equal(status, 1);
  });

  for (const GIT_TAG of ["develop-0000000", "develop-1a2b3c4", "develop-0000000-arm64"]) {
    it(`refuses the git tag ${GIT_TAG}, which a commit's image has`, async () => {
      const { image, variables, push } = prepared();
      push("develop-1a2b3c4", commit);
      const pinned = push("develop-0000000", other);
      const { status, stderr } = await tag({ ...variables, GIT_TAG });
      assert.equal(stderr, `the git tag ${GIT_TAG} has the name of a commit's image: give it another name\n`);
      assert.equal(status, 1);
      assert.equal(digestOf(`${image}:develop-0000000`), pinned);
    });
  }

  it("refuses a git tag that is named like an image of a pull request, or of another branch if these are built", async () => {
    const { variables, push } = prepared();
    push("develop-1a2b3c4", commit);
    const [pull, other] = ["pull-17-1a2b3c4", "branch-feature-a-1a2b3c4"];
    const outcomeOf = async (GIT_TAG: string, OTHER_BRANCHES: string) => {
      const { status, stderr } = await tag({ ...variables, GIT_TAG, OTHER_BRANCHES });
      return [status, stderr];
    };
    const refused = (name: string, whose: string) => [
      1,
      `the git tag ${name} has the name of ${whose} image: give it another name\n`,
    ];
    assert.deepEqual(await outcomeOf(pull, ""), refused(pull, "a pull request's"));
    assert.deepEqual(await outcomeOf(other, "true"), refused(other, "another branch's"));
    assert.deepEqual((await outcomeOf(other, ""))[0], 0);
    assert.deepEqual((await outcomeOf("branch-1", "true"))[0], 0);
  });

  it("has nothing to move if no tag follows the branch", async () => {
    const { variables, push } = prepared();
    push("develop-1a2b3c4", commit);
    const { status, summary } = await tag({ ...variables, MOVING_TAGS: "" });
    assert.deepEqual([status, summary], [0, "develop-1a2b3c4 is in the registry"]);
  });

  it("sets only the git tag", async () => {
    const { image, variables, push } = prepared();
    const digest = push("develop-1a2b3c4", commit);
    const { status, summary } = await tag({ ...variables, GIT_TAG: "v1.0.0" });
    assert.deepEqual([status, summary], [0, "set v1.0.0"]);
    assert.deepEqual([digestOf(`${image}:v1.0.0`), digestOf(`${image}:develop`)], [digest, undefined]);
  });

  it("does not set a git tag that has moved on", async () => {
    const { image, variables, push } = prepared(false);
    push("develop-1a2b3c4", commit);
    const { status, summary } = await tag({ ...variables, GIT_TAG: "v1.0.0" });
    assert.deepEqual([status, summary], [0, "v1.0.0 is not set: the git tag has moved on"]);
    assert.equal(digestOf(`${image}:v1.0.0`), undefined);
  });

  for (const GIT_TAG of ["release/1.0", "1.0+build", "-help", "a b", "$(id)"]) {
    it(`refuses the git tag ${GIT_TAG}, which is not a valid tag of an image`, async () => {
      const { variables, push } = prepared();
      push("develop-1a2b3c4", commit);
      const { status, stderr, summary } = await tag({ ...variables, GIT_TAG });
      assert.equal(
        stderr,
        `the git tag ${GIT_TAG} cannot be an image's tag: use letters, digits and _, and after the first character also . and -\n`,
      );
      assert.deepEqual([status, summary], [1, undefined]);
    });
  }

  it("ends with a clear error when the commit's image does not exist", async () => {
    const { image, variables } = prepared();
    const { status, stderr, summary } = await tag(variables);
    assert.match(stderr, /MANIFEST_UNKNOWN|NAME_UNKNOWN/);
    assert.ok(
      stderr.endsWith(
        `cannot find ${image}@${missing} in the registry, to which its build pushed it: was it removed? Build it again\n`,
      ),
    );
    assert.deepEqual([status, summary], [1, undefined]);
  });

  it("moves the tags to the image that was built, even if the commit's tag has moved since", async () => {
    const { image, variables, push } = prepared();
    const built = push("develop-1a2b3c4", commit);
    const planted = push("develop-1a2b3c4", other);
    assert.notEqual(planted, built);
    assert.equal((await tag({ ...variables, DIGEST: built })).summary, "moved develop, latest");
    assert.equal(digestOf(`${image}:develop`), built);
  });

  it("ends with a clear error when the build has named no image", async () => {
    const { image, variables, push } = prepared();
    push("develop-1a2b3c4", commit);
    for (const DIGEST of ["", "no digest", `${missing}\n${missing}`, "latest"]) {
      const { status, stderr, summary } = await tag({ ...variables, DIGEST });
      assert.equal(
        stderr,
        `the build of ${image}:develop-1a2b3c4 ended without an image digest: build it again\n`,
      );
      assert.deepEqual([status, summary], [1, undefined]);
    }
  });

  it("ends with a clear error when it may not push", async () => {
    const { name, variables, push } = prepared();
    const digest = push("develop-1a2b3c4", commit);
    const image = `${readOnly.host}/${name}`;
    const { status, stderr, summary } = await tag({ ...variables, IMAGE: image });
    assert.ok(
      stderr.endsWith(
        `cannot set the tag develop of ${image} to ${digest}: may the registry's login push, and may tags be moved?\n`,
      ),
      stderr,
    );
    assert.deepEqual([status, summary], [1, undefined]);
  });
});
