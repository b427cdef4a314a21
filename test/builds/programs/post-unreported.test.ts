/** Reports to GitHub made later, from the notes on Workflows, with stand-ins for Kubernetes and GitHub. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it, mock } from "node:test";
import type { DeclaredBuild } from "../../../components/builds/programs/declared.ts";
import { postUnreported } from "../../../components/builds/programs/post-unreported.ts";
import { buildOf } from "../../support/catch-up.ts";
import type { ChecksServer } from "../../support/github-checks.ts";
import { startChecksServer } from "../../support/github-checks.ts";
import type { LateGitHub } from "../../support/github-refusals.ts";
import { startLateGitHub } from "../../support/github-refusals.ts";
import type { KubernetesServer } from "../../support/kubernetes-server.ts";
import { startKubernetesServer } from "../../support/kubernetes-server.ts";
import { temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("late");
const ACCOUNT = join(folder, "account");
mkdirSync(ACCOUNT);
writeFileSync(join(ACCOUNT, "token"), "account-secret");
writeFileSync(join(ACCOUNT, "ca.crt"), "");
for (const one of ["acme", "beta"]) writeFileSync(join(folder, one), "github-secret");

const build = buildOf("web", "http://git");
const commit = "1a2b3c4d".repeat(5);
const newer = "f".repeat(40);
const noon = Date.parse("2026-03-01T12:00:00Z");
const earlier = "2026-03-01T11:59:00Z";
const later = "2026-03-01T12:01:00Z";

let github: LateGitHub;
let checks: ChecksServer;
let kubernetes: KubernetesServer;
before(async () => {
  mock.method(console, "log", () => undefined);
  kubernetes = await startKubernetesServer("account-secret");
  Object.assign(process.env, { ACCOUNT, KUBERNETES_API: kubernetes.url });
  github = await startLateGitHub("github-secret");
  checks = await startChecksServer("github-secret", 271828);
});
beforeEach(() => {
  github.reset();
  checks.runs.length = 0;
  checks.asked.length = 0;
  Object.assign(kubernetes, { workflows: [], selectors: [] });
  kubernetes.patches.clear();
  kubernetes.failures.clear();
});
after(() => {
  for (const one of [github, checks, kubernetes]) one.close();
});

const status = {
  ...{ at: noon, commit, context: "argo-cicd/develop", state: "failure", description: "build failed: no" },
  targetUrl: "https://workflows.example/w",
};
const success = { ...status, state: "success", description: "moved main" };
const deployment = {
  ...{ at: noon, id: "", commit, environment: "develop", environmentUrl: "https://web.example" },
  ...{ state: "success", description: "live 40 s after the push", targetUrl: "https://workflows.example/w" },
};

type Notes = Readonly<Partial<Record<"status" | "deployment", object>>>;

function workflow(name: string, notes: Notes, created = earlier, service = "web") {
  const annotations = Object.fromEntries(
    Object.entries(notes).map(([kind, what]) => [`argo-cicd/unreported-${kind}`, JSON.stringify(what)]),
  );
  return {
    name,
    created,
    labels: { "argo-cicd/service": service, "argo-cicd/unreported": "true" },
    annotations,
  };
}

interface Differences {
  readonly builds?: readonly DeclaredBuild[];
  readonly api?: string;
  readonly limit?: number;
}

function post({ builds = [build], api = github.url, limit = 60_000 }: Differences = {}): Promise<string[]> {
  const tokenOf = (slug: string) => join(folder, slug.replace(/\/.*/, ""));
  return postUnreported(builds, { api, tokenOf, pause: 0, limit });
}

const expectedStatus: [string, object] = [
  `acme/web/statuses/${commit}`,
  {
    ...{ state: "failure", context: "argo-cicd/develop", description: "build failed: no" },
    target_url: "https://workflows.example/w",
  },
];
const deploymentStatus = (state: string, description: string) => ({
  ...{ state, environment: "develop", environment_url: "https://web.example" },
  ...{ log_url: "https://workflows.example/w", description },
});
const noteRemoved = {
  metadata: {
    resourceVersion: "216",
    labels: { "argo-cicd/unreported": null },
    annotations: { "argo-cicd/unreported-status": null, "argo-cicd/unreported-deployment": null },
  },
};
const limit = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
const paths = () => github.written.map(([path]) => path.replace("acme/web/", ""));

describe("an unreported status of a build", () => {
  it("is reported once the build has ended, then its note is removed", async () => {
    kubernetes.workflows = [workflow("w", { status })];
    github.statuses.push({ commit, context: "argo-cicd/develop", state: "pending", updated_at: earlier });
    assert.deepEqual(await post(), ["w: everything is reported to GitHub"]);
    assert.deepEqual(github.written, [expectedStatus]);
    assert.deepEqual(kubernetes.selectors, ["argo-cicd/unreported,workflows.argoproj.io/completed=true"]);
    assert.deepEqual(Object.fromEntries(kubernetes.patches), { w: noteRemoved });
  });

  it("is dropped if GitHub has a newer status of its context, not if of another context", async () => {
    kubernetes.workflows = [workflow("w", { status })];
    github.statuses.push({ commit, context: "argo-cicd/develop", state: "success", updated_at: later });
    await post();
    assert.deepEqual([github.written, kubernetes.patches.get("w")], [[], noteRemoved]);
    github.reset();
    github.statuses.push({ commit, context: "another", state: "success", updated_at: later });
    await post();
    assert.deepEqual(github.written, [expectedStatus]);
  });

  it("is taken from the newest build of a commit, whichever is listed first", async () => {
    const both = [workflow("w-2", { status: success }, later), workflow("w-1", { status }, earlier)];
    for (const workflows of [both, both.toReversed()]) {
      github.reset();
      kubernetes.workflows = workflows;
      await post();
      assert.deepEqual(
        github.written.map(([, body]) => (body as { state: string }).state),
        ["success"],
      );
      assert.deepEqual([...kubernetes.patches.keys()], ["w-2", "w-1"]);
      kubernetes.patches.clear();
    }
  });

  it("stays while GitHub limits a token, which is not used again, and is reported with another token", async () => {
    const other = { ...buildOf("api", "http://git"), slug: "beta/api" };
    kubernetes.workflows = [
      workflow("w-3", { status }, "2026-03-01T11:03:00Z"),
      workflow("w-2", { status }, "2026-03-01T11:02:00Z"),
      workflow("w-1", { status }, "2026-03-01T11:01:00Z", "api"),
    ];
    github.refuse("acme", 403, limit);
    assert.deepEqual(await post({ builds: [build, other] }), [
      `w-3: not reported to GitHub yet: GitHub: 403 ${limit}`,
      "w-1: everything is reported to GitHub",
    ]);
    assert.deepEqual([...kubernetes.patches.keys()], ["w-1"]);
    assert.equal(github.asked.filter((path) => path.startsWith("acme/")).length, 2);
  });

  it("waits for the next check once the check has reached its time limit", async () => {
    kubernetes.workflows = [workflow("w", { status })];
    assert.deepEqual(await post({ limit: 0 }), ["the remaining reports wait for the next run"]);
    assert.deepEqual([github.asked, kubernetes.patches.size], [[], 0]);
  });

  it("stays if the token is refused, without delaying others", async () => {
    kubernetes.workflows = [workflow("w-2", { status }, later), workflow("w-1", { status })];
    github.refuse("acme", 403, "Resource not accessible by personal access token");
    assert.deepEqual(
      (await post()).map((line) => line.replace(/ by personal .*/, "")),
      [2, 1].map(
        (one) => `w-${one.toString()}: not reported to GitHub yet: GitHub: 403 Resource not accessible`,
      ),
    );
    assert.equal(kubernetes.patches.size, 0);
  });

  it("is dropped if GitHub will never accept it, or if the stack no longer builds the service", async () => {
    kubernetes.workflows = [workflow("w", { status, deployment })];
    github.refuse("acme", 422, "No commit found for SHA");
    assert.deepEqual(await post(), ["w: everything is reported to GitHub"]);
    assert.deepEqual(kubernetes.patches.get("w"), noteRemoved);
    kubernetes.patches.clear();
    kubernetes.workflows = [workflow("w", { status }, earlier, "gone")];
    await post();
    assert.deepEqual([kubernetes.patches.get("w"), github.written], [noteRemoved, []]);
  });

  it("stays if Workflows cannot be listed or changed", async () => {
    kubernetes.failures.set("", [403]);
    assert.match((await post()).join(), /^cannot list the unreported builds of ci: 403 /);
    kubernetes.workflows = [workflow("w", { status })];
    kubernetes.failures.set("w", [403]);
    assert.match((await post()).join(), /^w: not reported to GitHub yet: cannot remove its note: 403 /);
    github.written.splice(0);
    await post();
    assert.deepEqual([github.written, kubernetes.patches.get("w")], [[], noteRemoved]);
  });
});

describe("an unreported check run", () => {
  const checked = { ...build, app: "271828" };
  const postChecks = () => post({ builds: [checked], api: checks.url });
  const run = (id: string, times: object, changes: object = {}) => ({
    ...{ id: checks.runs.length + 1, app: { id: 271828 }, name: "argo-cicd/develop", head_sha: commit },
    ...{ external_id: id, status: "in_progress", output: { title: "building", summary: "" } },
    ...{ ...times, ...changes },
  });
  const conclusions = () =>
    checks.runs.map(({ external_id: id, conclusion, completed_at: at }) => [id, conclusion, at]);
  const at = "2026-03-01T12:00:00.000Z";

  it("is reported on the Workflow's own check run, even if there is a newer one", async () => {
    kubernetes.workflows = [workflow("w-1", { status })];
    checks.runs.push(run("w-1", { started_at: earlier }), run("w-2", { started_at: later }));
    assert.deepEqual(await postChecks(), ["w-1: everything is reported to GitHub"]);
    assert.deepEqual(conclusions(), [
      ["w-1", "failure", at],
      ["w-2", undefined, undefined],
    ]);
    assert.equal(checks.runs[0]?.details_url, "https://workflows.example/w");
    assert.deepEqual(kubernetes.patches.get("w-1"), noteRemoved);
  });

  it("is created if missing, but not if a newer one exists or its own has ended since", async () => {
    kubernetes.workflows = [workflow("w-1", { status })];
    await postChecks();
    assert.deepEqual(conclusions(), [["w-1", "failure", at]]);
    assert.equal(checks.runs[0]?.started_at, at);
    checks.runs.splice(0, 1, run("w-2", { started_at: later }));
    await postChecks();
    assert.deepEqual(conclusions(), [["w-2", undefined, undefined]]);
    const ended = run("w-1", { completed_at: later }, { status: "completed", conclusion: "success" });
    checks.runs.splice(0, 1, ended);
    await postChecks();
    assert.deepEqual(conclusions(), [["w-1", "success", later]]);
  });
});

describe("an unreported state of a Deployment", () => {
  const opened = { id: 5, sha: commit, environment: "develop", created_at: earlier };
  const other = { ...opened, id: 6, sha: newer };
  const withId = { ...deployment, id: "5" };
  const live = deploymentStatus("success", "live 40 s after the push");

  it("is reported on the Deployment that was created", async () => {
    kubernetes.workflows = [workflow("w", { deployment: withId })];
    github.open(opened, { state: "in_progress", created_at: earlier });
    assert.deepEqual(await post(), ["w: everything is reported to GitHub"]);
    assert.deepEqual(github.written, [["acme/web/deployments/5/statuses", live]]);
    assert.deepEqual(kubernetes.patches.get("w"), noteRemoved);
  });

  it("is not reported if GitHub has a newer state", async () => {
    kubernetes.workflows = [workflow("w", { deployment: withId })];
    github.open(opened, { state: "success", created_at: later });
    await post();
    assert.deepEqual([github.written, kubernetes.patches.get("w")], [[], noteRemoved]);
  });

  it("is reported on a new Deployment if none could be created before", async () => {
    kubernetes.workflows = [workflow("w", { deployment })];
    github.open(other);
    await post();
    assert.deepEqual(paths(), ["deployments", "deployments/7/statuses"]);
    assert.deepEqual(github.written[1]?.[1], live);
  });

  it("is reported on the Deployment that an earlier check has created", async () => {
    kubernetes.workflows = [workflow("w", { deployment })];
    github.open({ ...opened, created_at: later });
    await post();
    assert.deepEqual(paths(), ["deployments/5/statuses"]);
  });

  it("creates no Deployment if there is a newer one", async () => {
    kubernetes.workflows = [workflow("w", { deployment })];
    for (const newest of [other, opened]) {
      github.reset();
      github.open({ ...newest, created_at: later }, { state: "in_progress", created_at: later });
      await post();
      assert.deepEqual([github.written, kubernetes.patches.get("w")], [[], noteRemoved]);
    }
  });

  it("is reported for the newest of several Deployments that could not be created", async () => {
    const second = { ...deployment, at: noon + 1000, commit: newer };
    const workflows = [workflow("w-1", { deployment }), workflow("w-2", { deployment: second }, later)];
    kubernetes.workflows = workflows;
    await post();
    assert.deepEqual(paths(), ["deployments", "deployments/1/statuses"]);
    assert.equal((github.written[0]?.[1] as { ref: string }).ref, newer);
    assert.deepEqual([...kubernetes.patches.keys()], ["w-2", "w-1"]);
  });

  it("leaves a newer Deployment active, and is a success until the newer one succeeds", async () => {
    for (const [state, body] of [
      ["success", deploymentStatus("inactive", "a newer commit took its place")],
      ["in_progress", { ...live, auto_inactive: false }],
    ] as const) {
      github.reset();
      kubernetes.workflows = [workflow("w", { deployment: withId })];
      github.open(opened);
      github.open({ ...other, created_at: later }, { state, created_at: later });
      await post();
      assert.deepEqual(github.written, [["acme/web/deployments/5/statuses", body]]);
    }
  });

  it("is reported after the status, and the remainder at the next check", async () => {
    kubernetes.workflows = [workflow("w", { status, deployment: withId })];
    github.open(opened);
    github.limitAfter(1);
    assert.match((await post()).join(), /^w: not reported to GitHub yet: GitHub: 429 /);
    assert.equal(kubernetes.patches.size, 0);
    github.limitAfter(Infinity);
    await post();
    assert.deepEqual(paths(), [`statuses/${commit}`, "deployments/5/statuses"]);
  });
});
