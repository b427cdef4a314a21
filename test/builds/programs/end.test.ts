import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { StepName } from "../../../components/builds/steps/steps.ts";
import { imageSteps } from "../../../components/builds/steps/steps.ts";
import { readStatus } from "../../../components/builds/programs/unreported.ts";
import type { GitHubServer } from "../../support/github-server.ts";
import { startGitHubServer } from "../../support/github-server.ts";
import { startHttpServer } from "../../support/http-server.ts";
import type { KubernetesServer, Note } from "../../support/kubernetes-server.ts";
import { startKubernetesServer } from "../../support/kubernetes-server.ts";
import { programsFolder, runProgram, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("end");
const TOKEN_FILE = join(folder, "token");
writeFileSync(TOKEN_FILE, "github_pat_secret");
const commit = "1a2b3c4d".repeat(5);
const account = join(folder, "account");
mkdirSync(account);
writeFileSync(join(account, "token"), "account-token");
writeFileSync(join(account, "ca.crt"), "");
const STEPS = imageSteps.join(" ");
const newer = "0123456789".repeat(4);

let server: GitHubServer;
let kubernetes: KubernetesServer;
before(async () => {
  server = await startGitHubServer("a/service", "github_pat_secret");
  kubernetes = await startKubernetesServer("account-token");
});
after(() => {
  server.close();
  kubernetes.close();
});

/** A step, or the entrypoint, which is not a step. */
type Node = StepName | "pipeline";

/** A failed node as Argo Workflows reports it. */
interface Failure {
  readonly displayName: string;
  readonly message: string;
  readonly templateName: Node;
  readonly phase: string;
  readonly podName: string;
  readonly finishedAt: string | null;
}

/** @param displayName of the step, or of an attempt, such as build(0) or build-arm64(0) */
function failure(displayName: StepName | `${StepName}(${number})`, message: string, second = 0): Failure {
  const templateName = displayName.replace(/[(-].*/, "") as StepName;
  return node(displayName, templateName, message, second);
}

function node(displayName: string, templateName: Node, message: string, second: number): Failure {
  const finishedAt = `2026-03-01T10:00:${second.toString().padStart(2, "0")}Z`;
  return { displayName, message, templateName, phase: "Failed", podName: `w-${displayName}-1`, finishedAt };
}

/** The Workflow as the API server returns it. */
function workflow(failures: readonly Failure[], labels: Readonly<Record<string, string>> = {}): object {
  const begun = { displayName: "begin", templateName: "begin", phase: "Succeeded", message: "not failed" };
  const nodes = Object.fromEntries([begun, ...failures].map((one, index) => [`w-${index.toString()}`, one]));
  return { metadata: { name: "w", labels }, spec: {}, status: { phase: "Running", nodes } };
}

/** Runs the program for a Workflow of this name. */
async function post(name: string, objects: object[], COMMIT: string, GITHUB_API = server.url) {
  kubernetes.objects.set(name, objects);
  return runProgram(programs, "end.ts", {
    NAMESPACE: "ci",
    WORKFLOW: name,
    KUBERNETES_API: kubernetes.url,
    ACCOUNT: account,
    STEPS,
    TOKEN_FILE,
    GITHUB_API,
    REPOSITORY: "a/service",
    COMMIT,
    CONTEXT: "develop",
    TARGET_URL: "",
    RESULTS: folder,
  });
}

/** The whole Workflow fails with its step; its entrypoint is no step. */
const main = node("w", "pipeline", "child 'w-2' failed", 59);

interface Case {
  readonly failures: readonly Failure[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly sets: readonly [state: string, description: string];
}

const cases: Readonly<Record<string, Case>> = {
  "a step that has failed": {
    failures: [main, failure("build", "main: Error (exit code 1)")],
    sets: ["failure", "build failed: Error (exit code 1)"],
  },
  "the first of several": {
    failures: [
      failure("publish", "late", 9),
      failure("begin", "earlier, and needed by none", 1),
      failure("build", "early", 3),
      failure("scan", "later", 8),
      main,
    ],
    sets: ["failure", "build failed: early"],
  },
  "the first in a build's order, where they end in the same second": {
    failures: [failure("scan", "later"), failure("build", "early")],
    sets: ["failure", "build failed: early"],
  },
  "a step without a time, after the others": {
    failures: [{ ...failure("publish", "never began"), finishedAt: null }, failure("build", "early")],
    sets: ["failure", "build failed: early"],
  },
  "one of several architectures": {
    failures: [failure("build-arm64", "main: Error (exit code 1): no rule to make it"), main],
    sets: ["failure", "build-arm64 failed: no rule to make it"],
  },
  "a container of one of several architectures": {
    failures: [
      failure("build-arm64", "No more retries left", 9),
      failure("build-arm64(0)", "checkout: Error (exit code 1): there is no Dockerfile", 8),
      main,
    ],
    sets: ["failure", "checkout of build-arm64 failed: there is no Dockerfile"],
  },
  "the last try of the architecture that has failed, whatever became of another's": {
    failures: [
      failure("build-amd64(0)", "pod deleted", 8),
      failure("build-arm64", "No more retries left", 7),
      failure("build-arm64(0)", "main: OOMKilled (exit code 137)", 6),
      main,
    ],
    sets: ["failure", "build-arm64: exceeded its memory limit"],
  },
  "the index of several architectures": {
    failures: [failure("index", "main: Error (exit code 1): it is for amd64"), main],
    sets: ["failure", "index failed: it is for amd64"],
  },
  "the last try of a step, not what its retries say": {
    failures: [
      failure("build", "No more retries left", 8),
      failure("build(0)", "main: OOMKilled (exit code 137)", 2),
      failure("build(1)", "main: Error (exit code 2)", 7),
      main,
    ],
    sets: ["failure", "build failed: Error (exit code 2)"],
  },
  "a pod that was evicted each time, and why": {
    failures: [
      failure("build", "No more retries left", 9),
      failure("build(0)", "The node was low on resource: memory. ", 2),
      failure("build(1)", "pod deleted", 5),
      failure(
        "build(2)",
        "The node was low on resource: ephemeral-storage. Threshold quantity: 1, available: 0. ",
        8,
      ),
    ],
    sets: [
      "failure",
      "build failed 3 times: The node was low on resource: ephemeral-storage. Threshold quantity: 1, available: 0.",
    ],
  },
  "a pod of a node that was drained, not what the program said last": {
    failures: [
      failure("build", "No more retries left", 9),
      failure("build(0)", "main: Error (exit code 137): step 3 of 7", 2),
      failure("build(1)", "main: Error (exit code 137): step 4 of 7", 4),
    ],
    sets: ["failure", "build failed 2 times: its pod was stopped from outside, as when a node is drained"],
  },
  "a pod that was deleted, and once": {
    failures: [failure("publish", "pod deleted")],
    sets: ["failure", "publish failed: its pod was deleted, as when a node is lost"],
  },
  "a node that is gone": {
    failures: [failure("build", "pod failed: neither main nor wait container completed successfully")],
    sets: ["failure", "build failed: its node was lost"],
  },
  "a pod that used more memory than it may": {
    failures: [failure("build", "main: OOMKilled (exit code 137): npm run build")],
    sets: ["failure", "build: exceeded its memory limit"],
  },
  "a pod that used more disk than it may": {
    failures: [
      failure("build", "retryStrategy.expression evaluated to false", 3),
      failure(
        "build(0)",
        "Pod ephemeral local storage usage exceeds the total limit of containers 10Gi. ",
        2,
      ),
    ],
    sets: ["failure", "build: exceeded its disk limit"],
  },
  "a volume that is full": {
    failures: [failure("build", 'Usage of EmptyDir volume "workspace" exceeds the limit "10Gi". ')],
    sets: ["failure", "build: exceeded its disk limit"],
  },
  "a container that used more disk than it may": {
    failures: [failure("build", 'Container main exceeded its local ephemeral storage limit "10Gi". ')],
    sets: ["failure", "build: exceeded its disk limit"],
  },
  "the failed step, not a try of another that went well in the end": {
    failures: [failure("build(0)", "main: Error (exit code 128)", 1), failure("publish", "denied", 9)],
    sets: ["failure", "publish failed: denied"],
  },
  "a message with quotes, backslashes, lines and signs": {
    failures: [failure("build", 'said "no\\"}, {\n\ttoo" <of> & 개', 1)],
    sets: ["failure", 'build failed:  too" <of> & 개'],
  },
  "a message that looks like another step": {
    failures: [failure("build", '"},{"displayName":"publish","templateName":"publish","finishedAt":"0"}', 1)],
    sets: ["failure", 'build failed: "},{"displayName":"publish","templateName":"publish","finishedAt":"0"}'],
  },
  "the last line that a program has written": {
    failures: [
      failure(
        "build",
        "main: Error (exit code 1): first\nthe tests fail\nlevel=info msg=x argo=true error=nil\nError: exit status 1\n\n",
      ),
    ],
    sets: ["failure", "build failed: the tests fail"],
  },
  "the only line of a container before the step's own": {
    failures: [failure("build", "checkout: Error (exit code 1): cannot fetch it\n")],
    sets: ["failure", "checkout failed: cannot fetch it"],
  },
  "a commit that is not to be built, of which nobody is to mend anything": {
    failures: [failure("build", "checkout: Error (exit code 1): refused: it may be of a fork\n")],
    sets: ["error", "it may be of a fork"],
  },
  "a pod that took too long": {
    failures: [failure("build", "Pod was active on the node longer than the specified deadline"), main],
    sets: ["failure", "build: exceeded its time limit"],
  },
  "a step that waited too long": {
    failures: [failure("scan", "Step exceeded its deadline"), main],
    sets: ["failure", "scan: exceeded its time limit"],
  },
  "retries that took too long": {
    failures: [
      failure("build(0)", "Step exceeded its deadline", 1),
      failure("build", "retry exceeded workflow deadline 2026-03-01 10:00:00 +0000 UTC", 1),
    ],
    sets: ["failure", "build: exceeded its time limit"],
  },
  "a build stopped by hand": {
    failures: [
      failure("build(0)", "workflow shutdown with strategy:  Stop"),
      failure("build", "child failed"),
      main,
    ],
    sets: ["error", "stopped"],
  },
  "a build stopped between its steps": {
    failures: [failure("build", "Stopped with strategy 'Stop'"), main],
    sets: ["error", "stopped"],
  },
  "a build stopped by a newer one": {
    failures: [failure("build", "workflow shutdown with strategy:  Stop"), main],
    labels: { "argo-cicd/commit": commit, "argo-cicd/superseded-by": newer, z: "z" },
    sets: ["error", "superseded by 0123456"],
  },
  "the last of two tries, in whatever order they stand": {
    failures: [
      failure("build(1)", "the second", 7),
      failure("build(0)", "the first", 2),
      failure("build", "No more retries left", 8),
      main,
    ],
    sets: ["failure", "build failed: the second"],
  },
  "a message with signs that no line has": {
    failures: [failure("build", "a\rb\u0007c")],
    sets: ["failure", "build failed: a b?c"],
  },
  "a message of the executor's words alone": {
    failures: [failure("build", "Error: exit status 1")],
    sets: ["failure", "build failed: Error: exit status 1"],
  },
  "a build that fails, though none of its steps did": {
    failures: [failure("begin", "may not list", 1), main],
    sets: ["error", "failed outside of its steps"],
  },
  "what Argo would expand": {
    failures: [
      failure("build", 'main: Error (exit code 1): {{=sprig.repeat(50000000,"x")}} {{workflow.name}} {{'),
      main,
    ],
    sets: ["failure", 'build failed: {{=sprig.repeat(50000000,"x")}} {{workflow.name}} {{'],
  },
};

const programs = programsFolder;

describe("end.ts", { concurrency: 4 }, () => {
  for (const [index, [name, { failures, labels = {}, sets }]] of Object.entries(cases).entries()) {
    it(`reports ${name}`, async () => {
      // Each with its own commit, since they run in parallel.
      const COMMIT = index.toString().padStart(40, "0");
      const run = post(`w-${index.toString()}`, [workflow(failures, labels)], COMMIT);
      const { status, stderr, stdout } = await run;
      assert.equal(stderr, "");
      assert.equal(status, 0, stdout);
      const set = server.statuses.get(COMMIT);
      assert.deepEqual([set?.state, set?.description], sets);
    });
  }

  it("takes the commit from the label", async () => {
    const labels = { "argo-cicd/branch": "develop", "argo-cicd/commit": commit };
    const { stdout } = await post("labelled", [workflow([failure("build", 'a "word"')], labels)], "");
    assert.equal(stdout, `set the status develop of ${commit}: failure, build failed: a "word"\n`);
  });

  it("waits until the Workflow shows what has failed", async () => {
    const COMMIT = "a".repeat(40);
    const objects = [workflow([]), workflow([]), workflow([failure("build", "too late"), main])];
    const { stdout } = await post("late", objects, COMMIT);
    assert.equal(stdout, `set the status develop of ${COMMIT}: failure, build failed: too late\n`);
  });

  it("leaves the report to the check for lost pushes if GitHub is temporarily unavailable, not if it refuses", async () => {
    const answers: [code: number, headers: Record<string, string>, message: string][] = [
      [403, {}, "You have exceeded a secondary rate limit."],
      [403, { "x-ratelimit-remaining": "0" }, "no more"],
      [403, { "retry-after": "60" }, "no more"],
      [429, {}, "no more"],
      [503, {}, "away"],
      [403, { "x-ratelimit-remaining": "7" }, "Resource not accessible by personal access token"],
      [422, {}, "No commit found for SHA"],
    ];
    const notes = await Promise.all(
      answers.map(async ([code, headers, message], index) => {
        const github = await startHttpServer((_request, response) => {
          response.writeHead(code, headers).end(JSON.stringify({ message }));
        });
        const name = `unreported-${index.toString()}`;
        const { status } = await post(name, [workflow([failure("build", "no")])], commit, github.url);
        github.close();
        assert.equal(status, 0);
        return kubernetes.patches.get(name) as Note | undefined;
      }),
    );
    for (const note of notes.slice(0, 5)) {
      const { labels, annotations } = note?.metadata ?? {};
      assert.deepEqual(labels, { "argo-cicd/unreported": "true" });
      const { at = 0, ...status } = readStatus(annotations?.["argo-cicd/unreported-status"] ?? "") ?? {};
      assert.ok(Date.now() - at < 60_000);
      const description = "build failed: no";
      assert.deepEqual(status, { commit, context: "develop", state: "failure", description, targetUrl: "" });
    }
    assert.deepEqual(notes.slice(5), [undefined, undefined]);
  });

  it("says so if the Workflow cannot be read", async () => {
    const COMMIT = "b".repeat(40);
    const { status, stdout } = await post("gone", [], COMMIT);
    assert.equal(status, 0);
    assert.equal(
      stdout,
      "cannot read why the Workflow gone has failed: 404 workflows.argoproj.io not found\n" +
        `set the status develop of ${COMMIT}: error, failed; the reason could not be read from its Workflow\n`,
    );
  });

  /** Runs the program with everything that a status needs, and asserts that none is set. */
  const quiet = async (
    name: string,
    failures: readonly Failure[],
    labels: Readonly<Record<string, string>>,
  ) => {
    const { status, stdout, stderr } = await post(name, [workflow(failures, labels)], "");
    assert.deepEqual([status, stderr, server.statuses.get(newer)], [0, "", undefined]);
    return stdout;
  };

  it("keeps the status of an image that is published but not live", async () => {
    const failures = [failure("live", "main: Error (exit code 1): failure: not live after 600 s"), main];
    assert.equal(
      await quiet("not-live", failures, { "argo-cicd/commit": newer }),
      "the image is published but not live: see the commit's Deployment\n",
    );
  });

  it("sets no status if the commit is not known", async () => {
    // Another build's commit, which must not be used.
    writeFileSync(join(folder, "commit"), newer);
    assert.equal(
      await quiet("unknown", [failure("build", "main: Error (exit code 1)")], {}),
      "the build ended before its commit was known: no status is set\n",
    );
  });
});
