/** What the check for lost pushes finds and starts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { DeclaredBuild } from "../../../components/builds/programs/declared.ts";
import type { Scene } from "../../support/catch-up.ts";
import { startScene } from "../../support/catch-up.ts";
import type { GitServer } from "../../support/cluster-git.ts";
import { startGitServer } from "../../support/cluster-git.ts";
import { programsFolder, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("catch-up");
const programs = programsFolder;
let git: GitServer;
const scenes: Scene[] = [];
before(async () => {
  const options = { address: "127.0.0.1", token: "clone-secret", hidden: /^\/acme\/hidden/ };
  git = await startGitServer(join(folder, "git"), "127.0.0.1", options);
});
after(() => {
  git.close();
  for (const one of scenes) one.close();
});

async function scene(name: string, build: Partial<DeclaredBuild> = {}): Promise<Scene> {
  const one = await startScene({ folder, programs, git, name, build });
  scenes.push(one);
  return one;
}

/** The labels of a build, as the workflow controller sets them. */
function labels(service: string, commit: string, others: Readonly<Record<string, string>> = {}) {
  return {
    "argo-cicd/service": service,
    "argo-cicd/branch": "main",
    "argo-cicd/git-tag": "",
    "argo-cicd/commit": commit,
    "workflows.argoproj.io/phase": "Succeeded",
    ...others,
  };
}

const who = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
const short = (commit: string) => commit.slice(0, 12);

describe("the check for lost pushes", { concurrency: 2 }, () => {
  it("builds the newest commit of a branch as its push would have, and once", async () => {
    const { commit, check, kubernetes } = await scene("lost");
    const tip = commit({ file: "one" });
    const { status, stdout, outputs } = await check();
    assert.equal(
      stdout,
      `started lost-${short(tip)}-catch-up: the branch main of acme/lost is at ${tip.slice(0, 7)}, which had no build\n` +
        "services: 1, builds started: 1, services not checked: 0\n",
    );
    assert.equal(status, 0);
    assert.deepEqual(outputs, { started: "1", unanswered: "0", settled: "[]" });
    assert.deepEqual(kubernetes.created, [
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Workflow",
        metadata: {
          name: `lost-${short(tip)}-catch-up`,
          namespace: "ci",
          labels: { "argo-cicd/started-by": "catch-up" },
        },
        spec: {
          workflowTemplateRef: { name: "lost" },
          arguments: { parameters: [{ name: "commit", value: tip }] },
        },
      },
    ]);
    // This server's list does not contain it: only the conflict of names shows that it exists.
    const again = await check();
    assert.equal(again.outputs.started, "0");
    assert.deepEqual([again.made.length, again.status], [1, 0]);
  });

  it("starts no build of a commit whose image has the branch's tag", async () => {
    const { commit, check, publish, asked, registry } = await scene("published");
    publish(commit({ file: "one" }), "main");
    const { made, outputs } = await check();
    assert.deepEqual([made, outputs.settled], [[], "[]"]);
    assert.deepEqual(asked, [], "GitHub is asked");
    // Docker Hub counts GET as a pull.
    assert.ok(registry.asked.every((one) => one.startsWith("HEAD ") || one === "GET /token"));
  });

  it("starts no build of a commit that has a Workflow, in whatever phase", async () => {
    const { build, commit, check, kubernetes } = await scene("workflow");
    const tip = commit({ file: "one" });
    const phases = ["Pending", "Running", "Succeeded", "Failed"];
    kubernetes.workflows = phases.map((phase) => ({
      name: "any",
      created: "2026-11-25T10:00:00Z",
      labels: labels(phase, tip, { "workflows.argoproj.io/phase": phase }),
    }));
    const named = (service: string) => ({ ...build, service, workflowPrefix: service.toLowerCase() });
    const builds = ["Else", ...phases].map(named);
    assert.deepEqual((await check({ builds })).made, [`else-${short(tip)}-catch-up`]);
  });

  it("recognizes a Workflow without labels by its name", async () => {
    const { commit, check, kubernetes } = await scene("taken-up");
    const tip = commit({ file: "one" });
    const created = "2026-11-25T10:00:00Z";
    kubernetes.workflows = [{ name: `taken-up-${short(tip)}-1a2b3c4d`, created, labels: {} }];
    assert.deepEqual((await check()).made, []);
    kubernetes.workflows = [{ name: `taken-up-too-${short(tip)}-1a2b3c4d`, created, labels: {} }];
    assert.equal((await check()).made.length, 1);
  });

  it("reads every page of Workflows", async () => {
    const { commit, check, kubernetes } = await scene("pages");
    const tip = commit({ file: "one" });
    const created = "2026-11-25T10:00:00Z";
    const other = { name: "other", created, labels: labels("pages", "0".repeat(40)) };
    kubernetes.workflows = [other, other, { name: "it", created, labels: labels("pages", tip) }];
    kubernetes.pageSize = 1;
    assert.deepEqual((await check()).made, []);
  });

  it("ignores Workflows of another service, branch, tag or pull request", async () => {
    const { commit, check, kubernetes, publish } = await scene("others");
    const tip = commit({ file: "one" });
    publish(tip);
    const created = "2026-11-25T10:00:00Z";
    kubernetes.workflows = [
      { name: "a", created, labels: labels("another", tip) },
      { name: "b", created, labels: labels("others", tip, { "argo-cicd/branch": "develop" }) },
      { name: "c", created, labels: labels("others", tip, { "argo-cicd/git-tag": "v1" }) },
      {
        name: "d",
        created,
        labels: labels("others", tip, { "argo-cicd/branch": "pull-17", "argo-cicd/pull-request": "17" }),
      },
    ];
    assert.deepEqual((await check()).made, [`others-${short(tip)}-catch-up`]);
  });

  it("starts no build that a push starts while it waits", async () => {
    const { commit, check, kubernetes } = await scene("under-way");
    const tip = commit({ file: "one" });
    const looking = check({ variables: { SETTLE: "2" } });
    while (kubernetes.selectors.length === 0) await new Promise((done) => setTimeout(done, 20));
    const name = `under-way-${short(tip)}-1a2b3c4d`;
    kubernetes.workflows = [{ name, created: "2026-11-25T10:00:00Z", labels: {} }];
    assert.deepEqual((await looking).made, []);
    assert.equal(kubernetes.selectors.filter((one) => one === "").length, 2);
  });

  it("starts no build of a branch that moves while it waits", async () => {
    const { commit, check, git: run, asked } = await scene("moving");
    const first = commit({ file: "one" });
    const second = commit({ file: "two" });
    run("update-ref", "refs/heads/main", first);
    const looking = check({ variables: { SETTLE: "3" } });
    while (asked.length === 0) await new Promise((done) => setTimeout(done, 20));
    run("update-ref", "refs/heads/main", second);
    assert.deepEqual((await looking).made, []);
  });

  it("skips a commit whose message says so, and does not ask for it again", async () => {
    for (const [name, message] of [
      ["skip", "docs [skip ci]"],
      ["skip-too", "docs\n\n[ci skip]"],
    ] as const) {
      const { commit, git: run, check, asked, kubernetes } = await scene(name);
      const first = commit({ file: "one" });
      const tip = run(...who, "commit-tree", `${first}^{tree}`, "-p", first, "-m", message);
      run("update-ref", "refs/heads/main", tip);
      const { made, outputs } = await check();
      assert.deepEqual([made, outputs.settled], [[], JSON.stringify([`${name} ${tip} none`])]);
      const completed = { "argo-cicd/catch-up": "true", "workflows.argoproj.io/phase": "Succeeded" };
      kubernetes.workflows = [{ name: "catch-up-1", created: "2026-11-25T10:00:00Z", labels: completed }];
      const parameters = [{ name: "settled", value: outputs.settled }];
      kubernetes.objects.set("catch-up-1", [{ status: { nodes: { one: { outputs: { parameters } } } } }]);
      const before = asked.length;
      const again = await check();
      assert.deepEqual([again.made, again.outputs.settled, asked.length], [[], outputs.settled, before]);
    }
  });

  for (const [what, report] of Object.entries({ status: {}, "check run": { app: "271828" } }))
    it(`goes by the commit's ${what} if its Workflow no longer exists`, async () => {
      const { build, commit, check, statuses, asked } = await scene(what.replace(" ", "-"), report);
      const tip = commit({ file: "one" });
      const states = ["success", "failure", "error", "pending"];
      for (const state of states)
        statuses.push({ commit: tip, context: `argo-cicd/develop/${state}`, state });
      const builds = [...states, "none"].map((service) => ({
        ...build,
        ...{ service, workflowPrefix: service, context: `argo-cicd/develop/${service}` },
      }));
      // A build that is pending without a Workflow is itself lost.
      const names = ["none", "pending"].map((name) => `${name}-${short(tip)}-catch-up`);
      assert.deepEqual((await check({ builds })).made.toSorted(), names);
      const paths = asked.map(({ path }) => path);
      assert.equal(
        paths.some((path) => path.includes("/check-runs?")),
        what === "check run",
      );
    });

  it("reads statuses with the token of the repository's owner, if each owner has one", async () => {
    const { commit, check, asked, folder: place } = await scene("owners");
    commit({ file: "one" });
    await check({ variables: { TOKEN_FILE: join(place, "owners", "{owner}", "token") } });
    assert.deepEqual([...new Set(asked.map(({ token }) => token))], ["Bearer acme-secret"]);
  });

  it("reads no statuses if the stack sets none", async () => {
    const { commit, check, asked } = await scene("no-status", { context: "" });
    commit({ file: "one" });
    assert.equal((await check({ variables: { TOKEN_FILE: "" } })).made.length, 1);
    assert.deepEqual(
      asked.map(({ path, token }) => [path.replace(/[0-9a-f]{40}/, "…"), token]),
      [["/repos/acme/no-status/git/commits/…", ""]],
    );
  });

  it("starts nothing if only the commit's own tag was removed", async () => {
    const { commit, check, registry } = await scene("cleaned");
    const tip = commit({ file: "one" });
    registry.images.set("team/cleaned:main", tip);
    assert.deepEqual((await check()).made, []);
  });

  describe("for a part of a repository", () => {
    const part = { paths: ["api", "go.mod"] };

    it("builds after a change under its paths since its image", async () => {
      for (const [name, files] of [
        ["part-folder", { "api/main.go": "two" }],
        ["part-file", { "go.mod": "two" }],
      ] as const) {
        const { commit, check, publish } = await scene(name, part);
        publish(commit({ "api/main.go": "one", "web/index.html": "one" }), "main");
        commit(files);
        const tip = commit({ "web/index.html": "later" });
        assert.deepEqual((await check()).made, [`${name}-${short(tip)}-catch-up`]);
      }
    });

    it("starts nothing for changes elsewhere", async () => {
      const { commit, check, publish } = await scene("part-other", part);
      publish(commit({ "api/main.go": "one" }), "main");
      commit({ "apis/main.go": "two", "web/api": "two" });
      assert.deepEqual((await check()).made, []);
    });

    it("counts a file that was moved out of them, and a branch that was forced", async () => {
      const moved = await scene("part-moved", part);
      const base = moved.commit({ "api/main.go": "the same in both places, and long enough to tell" });
      moved.publish(base, "main");
      // The same file elsewhere: git detects a move.
      const tree = moved.git("rev-parse", `${base}:api`);
      const tip = moved.git(...who, "commit-tree", tree, "-p", base, "-m", "move");
      moved.git("update-ref", "refs/heads/main", tip);
      assert.deepEqual((await moved.check()).made, [`part-moved-${short(tip)}-catch-up`]);
      const { commit, git: run, check, publish } = await scene("part-forced", part);
      const first = commit({ "api/main.go": "one" });
      publish(commit({ "web/index.html": "two" }), "main");
      run("update-ref", "refs/heads/main", first);
      assert.deepEqual((await check()).made, [`part-forced-${short(first)}-catch-up`]);
    });

    it("builds if it has no image, or an image of a commit that no longer exists", async () => {
      const one = await scene("part-new", part);
      one.commit({ "web/index.html": "one" });
      assert.equal((await one.check()).made.length, 1);
      const other = await scene("part-gone", part);
      other.publish("1".repeat(40), "main");
      other.commit({ "web/index.html": "one" });
      assert.equal((await other.check()).made.length, 1);
    });
  });

  describe("for a branch that was reset", () => {
    it("builds the earlier commit again", async () => {
      const { commit, git: run, check, publish, statuses } = await scene("back");
      const first = commit({ file: "one" });
      publish(first);
      const second = commit({ file: "two" });
      publish(second, "main");
      statuses.push({ commit: first, context: "argo-cicd/develop", state: "success" });
      run("update-ref", "refs/heads/main", first);
      assert.deepEqual((await check()).made, [`back-${short(first)}-${second.slice(0, 8)}`]);
    });

    it("builds it again if Workflows show the order", async () => {
      const { commit, git: run, check, kubernetes } = await scene("back-again");
      const first = commit({ file: "one" });
      const second = commit({ file: "two" });
      kubernetes.workflows = [
        { name: "b", created: "2026-11-25T11:00:00Z", labels: labels("back-again", second) },
        { name: "a", created: "2026-11-25T10:00:00Z", labels: labels("back-again", first) },
      ];
      run("update-ref", "refs/heads/main", first);
      assert.deepEqual((await check()).made, [`back-again-${short(first)}-${second.slice(0, 8)}`]);
      kubernetes.workflows = [
        ...kubernetes.workflows,
        { name: "c", created: "2026-11-25T12:00:00Z", labels: labels("back-again", first) },
      ];
      assert.equal((await check()).made.length, 1);
    });

    it("does not mistake an older commit built by hand, or an image rolled back, for a reset", async () => {
      const { commit, check, kubernetes, publish, statuses } = await scene("by-hand");
      const first = commit({ file: "one" });
      const second = commit({ file: "two" });
      publish(first, "main");
      publish(second);
      statuses.push({ commit: second, context: "argo-cicd/develop", state: "success" });
      assert.deepEqual((await check()).made, []);
      kubernetes.workflows = [
        { name: "b", created: "2026-11-25T11:00:00Z", labels: labels("by-hand", first) },
        { name: "a", created: "2026-11-25T10:00:00Z", labels: labels("by-hand", second) },
      ];
      assert.deepEqual((await check()).made, []);
    });
  });

  it("publishes the branch's tags for a commit whose image another branch has built", async () => {
    const { commit, check, publish, registry, statuses } = await scene("merged", { commitTag: "{sha7}" });
    publish(commit({ file: "one" }), "main");
    const tip = commit({ file: "two" });
    registry.images.set(`team/merged:${tip.slice(0, 7)}`, tip);
    statuses.push({ commit: tip, context: "argo-cicd/other", state: "success" });
    assert.deepEqual((await check()).made, [`merged-${short(tip)}-catch-up`]);
  });

  describe("for git tags", () => {
    const variables = { GIT_TAGS: "v[A-Za-z0-9_.-]*" };

    it("builds those of the newest commit, annotated or not", async () => {
      const { commit, git: run, check, publish, kubernetes } = await scene("tags");
      const old = commit({ file: "one" });
      run("tag", "v0.9", old);
      const tip = commit({ file: "two" });
      publish(tip, "main", "v1.1");
      for (const tag of ["v1.0", "v1.1", "other", "v1/2"]) run("tag", tag, tip);
      run(...who, "tag", "--annotate", "--message=first", "v2.0", tip);
      const { made, stdout } = await check({ variables });
      assert.equal(made.length, 2);
      assert.match(stdout, new RegExp(`: the tag v2\\.0 of acme/tags is at ${tip.slice(0, 7)}, which`));
      const given = kubernetes.created.map(
        (one) => Reflect.get(Object(Reflect.get(one, "spec")), "arguments") as unknown,
      );
      assert.deepEqual(
        given,
        ["v1.0", "v2.0"].map((value) => ({
          parameters: [
            { name: "commit", value: tip },
            { name: "tag", value },
          ],
        })),
      );
      assert.equal((await check({ variables })).made.length, 2);
    });

    it("builds those of a commit that has a Workflow, unless the tag has one too", async () => {
      const { commit, git: run, check, publish, kubernetes } = await scene("tags-old");
      const old = commit({ file: "one" });
      for (const tag of ["v1", "v2"]) run("tag", tag, old);
      publish(commit({ file: "two" }), "main");
      const created = "2026-11-25T10:00:00Z";
      kubernetes.workflows = [
        { name: "a", created, labels: labels("tags-old", old) },
        { name: "b", created, labels: labels("tags-old", old, { "argo-cicd/git-tag": "v2" }) },
      ];
      const { stdout, made } = await check({ variables });
      assert.equal(made.length, 1, stdout);
      assert.match(stdout, /the tag v1 of/);
    });

    it("skips those of a commit whose build has failed, and all if the stack builds none", async () => {
      const { commit, git: run, check, publish, statuses } = await scene("tags-failed");
      const tip = commit({ file: "one" });
      publish(tip, "main");
      run("tag", "v1", tip);
      assert.deepEqual((await check()).made, []);
      statuses.push({ commit: tip, context: "argo-cicd/develop", state: "failure" });
      assert.deepEqual((await check({ variables })).made, []);
    });
  });

  it("reads a private repository and its commits with the project's token only", async () => {
    const { commit, check, asked } = await scene("hidden", { project: "hidden" });
    commit({ file: "one" });
    assert.equal((await check()).made.length, 1);
    assert.deepEqual(
      asked.map(({ path, token }) => [path.replace(/[0-9a-f]{40}/, "…"), token]),
      [
        ["/repos/acme/hidden/git/commits/…", "Bearer clone-secret"],
        ["/repos/acme/hidden/commits/…/status?per_page=100", "Bearer status-secret"],
      ],
    );
  });
});
