/** Pure functions of the programs: texts, JSON, statuses, nodes and Applications. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { observationOf } from "../../../components/builds/programs/application.ts";
import { readOptional, readResult, readVariables } from "../../../components/builds/programs/environment.ts";
import { failedNodes, outcomeOf } from "../../../components/builds/programs/failures.ts";
import { statusBody } from "../../../components/builds/programs/github.ts";
import { messageIn } from "../../../components/builds/programs/http.ts";
import { at, listAt, parseJson, textAt, valuesAt } from "../../../components/builds/programs/json.ts";
import { RegistryAccess } from "../../../components/builds/programs/registry-access.ts";
import { cut, oneLine, withoutControls, words } from "../../../components/builds/programs/text.ts";
import { temporaryFolder } from "../../support/script.ts";

describe("a text", () => {
  it("is cut between characters", () => {
    assert.equal(cut("a😀b", 2), "a😀");
    assert.equal(cut("a😀b", 3), "a😀b");
    assert.equal(cut("a😀bc", 3, "…"), "a😀…");
    assert.equal(cut("", 3, "…"), "");
  });

  it("becomes one line", () => assert.equal(oneLine(" a\n\t b \r\n"), "a b"));

  it("loses control characters of a terminal", () =>
    assert.equal(withoutControls("\u001b[31ma\u007f\u009b"), "[31ma"));

  it("loses characters that change the direction of a line", () =>
    assert.equal(withoutControls("a\u202eb\u2066c\u200f\u061cd\u200de"), "abcd\u200de"));

  it("has words", () => assert.deepEqual([words(" a  b "), words("")], [["a", "b"], []]));
});

describe("a registry", () => {
  it("that requires tokens but names no address for them is reported", async () => {
    for (const challenge of ['Bearer service="r"', 'Bearer realm="/token"', 'Bearer realm="nowhere"']) {
      const access = new RegistryAccess({ host: "r.example", insecure: false, configFolder: "/nowhere" });
      assert.ok(access.learn({}, 401, { "www-authenticate": challenge }));
      await assert.rejects(access.authorization(["repository:a:pull"]), {
        message: "registry: its header WWW-Authenticate has no URL for tokens",
      });
    }
  });
});

describe("JSON", () => {
  it("that is invalid is undefined", () =>
    assert.deepEqual([parseJson("{"), parseJson("1")], [undefined, 1]));

  it("is read safely, whatever its structure", () => {
    const value = { a: { b: ["c"], d: 1, e: null } };
    assert.deepEqual([at(value, "a", "d"), at(value, "x", "y"), at(null, "a")], [1, undefined, undefined]);
    assert.deepEqual([listAt(value, "a", "b"), listAt(value, "a"), listAt(value, "a", "e")], [["c"], [], []]);
    assert.deepEqual([textAt({ a: "b" }, "a"), textAt(value, "a", "d"), textAt(undefined)], ["b", "", ""]);
  });

  it("has the values of an object, under any keys", () => {
    const value = { a: { b: 1, c: null } };
    assert.deepEqual([valuesAt(value, "a"), valuesAt(value, "b"), valuesAt(1)], [[1, null], [], []]);
  });

  it("has only its own keys", () => {
    assert.equal(at({}, "constructor"), undefined);
    assert.equal(at([], "length", "toString"), undefined);
  });
});

describe("the environment", () => {
  it("must have each required variable, which may be empty", () => {
    assert.equal(readVariables(["A"], { A: "" }).A, "");
    assert.throws(() => readVariables(["A", "B", "C"], { B: "b" }), {
      message: "these variables are missing: A, C",
    });
  });

  it("may lack an optional variable", () => {
    assert.deepEqual([readOptional("A", "b", { A: "a" }), readOptional("A", "b", {})], ["a", "b"]);
  });

  it("has the results of earlier containers, as files", () => {
    const folder = temporaryFolder("results");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "commit"), "abc\n");
    assert.equal(readResult(folder, "commit"), "abc");
    const message = `the result newest is missing: no earlier container has written ${join(folder, "newest")}`;
    assert.throws(() => readResult(folder, "newest"), { message });
  });
});

describe("an answer's message", () => {
  const cases: readonly (readonly [text: string, message: string])[] = [
    ['{"message":"Bad credentials","status":"401"}', "Bad credentials"],
    ['{\n  "kind": "Status",\n  "message": "workflows \\"a\\" \\u003cb\\u003e"\n}', 'workflows "a" <b>'],
    // GitHub's inner message is more precise.
    [
      '{"message":"Validation Failed","errors":[{"message":"description is too long"}]}',
      "description is too long",
    ],
    ['{"message": "not \\qJSON \\"x" }', 'not qJSON "x'],
    ["<html>Bad Gateway</html>", ""],
    ["", ""],
  ];
  for (const [text, message] of cases) it(JSON.stringify(text), () => assert.equal(messageIn(text), message));
});

describe("the status of a commit", () => {
  const github = { GITHUB_API: "", TOKEN_FILE: "", REPOSITORY: "", TARGET_URL: "" };
  const status = { commit: "c", context: "argo-cicd/develop", state: "error" } as const;

  it("has at most the characters that GitHub accepts", () => {
    const long = { ...status, context: "é".repeat(300), description: "개".repeat(300) };
    assert.deepEqual(statusBody(long, { ...github, TARGET_URL: `https://${"a".repeat(3000)}` }), {
      state: "error",
      context: "é".repeat(255),
      target_url: `https://${"a".repeat(1992)}`,
      description: "개".repeat(140),
    });
  });

  it("has no link without a page", () => {
    const { state, context } = status;
    assert.deepEqual(statusBody({ ...status, description: "d" }, github), {
      state,
      context,
      description: "d",
    });
  });
});

describe("failed nodes", () => {
  const seen = { displayName: "build", templateName: "build", message: "main: Error", finishedAt: "" };
  const node = { ...seen, overdue: false };
  const workflow = (nodes: unknown) => ({ status: { nodes } });

  it("are a Workflow's nodes that have failed, with invisible characters replaced", () => {
    const message = 'a\u200b"b\\c\u{e0001}\n\u2028\u202e\u007f\té';
    const nodes = {
      "w-1": { ...seen, phase: "Failed", message },
      "w-2": { ...seen, phase: "Error", finishedAt: null },
      "w-3": { ...seen, phase: "Succeeded" },
      "w-4": { ...seen, phase: "Running" },
    };
    assert.deepEqual(failedNodes(workflow(nodes)), [
      { ...node, message: 'a\u200b"b\\c\u{e0001}\n??? é' },
      { ...node, finishedAt: "" },
    ]);
  });

  it("are none without nodes", () => {
    for (const one of [undefined, null, {}, { status: 1 }, workflow(null), workflow("w"), workflow([])])
      assert.deepEqual(failedNodes(one), []);
  });

  it("may lack any field", () => {
    const empty = { displayName: "", templateName: "", message: "", finishedAt: "", overdue: false };
    assert.deepEqual(failedNodes(workflow({ a: { phase: "Error" }, b: null, c: 1 })), [empty]);
  });

  describe("whose pod was deleted", () => {
    const templates = [{ name: "build", activeDeadlineSeconds: 15 }, { name: "scan" }];
    const outcomeAfter = (second: number | undefined, templateName = "build") => {
      const finishedAt = second === undefined ? null : `2026-03-01T10:00:${second.toString()}Z`;
      const startedAt = "2026-03-01T10:00:00Z";
      const deleted = {
        displayName: templateName,
        templateName,
        message: "pod deleted",
        startedAt,
        finishedAt,
      };
      const nodes = { "w-1": { ...deleted, phase: "Error" } };
      const status = { nodes, storedWorkflowTemplateSpec: { templates } };
      return outcomeOf(failedNodes({ status }), ["build", "scan"], "");
    };
    const lost = "failed: its pod was deleted, as when a node is lost";

    it("at their time limit, have exceeded it", () => {
      const late = { state: "failure", description: "build: exceeded its time limit" };
      assert.deepEqual(
        [15, 16].map((second) => outcomeAfter(second)),
        [late, late],
      );
    });

    it("before it, without one, or at no known time, were lost", () => {
      const described = [outcomeAfter(14), outcomeAfter(undefined), outcomeAfter(50, "scan")];
      assert.deepEqual(described, [
        { state: "failure", description: `build ${lost}` },
        { state: "failure", description: `build ${lost}` },
        { state: "failure", description: `scan ${lost}` },
      ]);
    });
  });

  it("belong to no step if there are no steps", () => {
    const error = { state: "error", description: "failed outside of its steps" };
    assert.deepEqual(outcomeOf([node], [], ""), error);
  });

  it("add no reason without a message", () => {
    const outcome = outcomeOf([{ ...node, message: "" }], ["build"], "");
    assert.deepEqual(outcome, { state: "failure", description: "build failed" });
  });
});

describe("an Application", () => {
  const image = "registry:5000/acme/web";
  const digest = "sha256:new";
  const awaited = { image, digest, hasWindows: false, workloads: [] };
  const ours = `${image}:develop@${digest}`;
  const asked = (one: unknown) => ({ source: { kustomize: { images: [one] } } });
  const running = (...images: readonly unknown[]) => ({ summary: { images } });
  const healthy = { health: { status: "Healthy" } };
  const waiting = (application: unknown) => {
    const { state, why } = observationOf("web", application, awaited);
    assert.equal(state, "waiting");
    return why;
  };

  it("has the versions of its source, or else of what runs", () => {
    const versions = (application: unknown) => observationOf("web", application, awaited).versions;
    assert.deepEqual(versions({ spec: asked(ours), status: running(`${image}:old`) }), [digest]);
    const old = [`${image}@sha256:old`, `${image}:1@sha256:older`];
    assert.deepEqual(versions({ status: running("redis:7", ...old) }), ["sha256:old", "sha256:older"]);
    assert.deepEqual(versions({ spec: asked(`${image}=other:1`) }), [`${image}=other:1`]);
    for (const other of [`${image}-worker:1`, "registry:5000/acme/we", `x${image}:1`, 1, null])
      assert.deepEqual(versions({ spec: asked(other) }), []);
  });

  it("gets the image from its source, from one of its sources, or from what runs", () => {
    const hasImage = (application: unknown) => observationOf("web", application, awaited).hasImage;
    const parameters = { helm: { parameters: [{ name: "tag", value: `develop@${digest}` }] } };
    assert.equal(hasImage({ spec: asked(ours) }), true);
    assert.equal(hasImage({ spec: { source: parameters } }), true);
    assert.equal(hasImage({ spec: { sources: [{ ref: "values" }, parameters] } }), true);
    assert.equal(hasImage({ status: running(ours) }), true);
    assert.equal(hasImage({ spec: asked(`${image}:1@sha256:old`), status: running(ours) }), false);
    assert.equal(hasImage({ status: running(`${image}:1`) }), false);
  });

  it("is idle once Argo CD has compared the commit with the image, for each source", () => {
    const resources = [{ kind: "CronJob", name: "nightly", images: [ours] }];
    const stateOf = (compared: readonly string[], synced: readonly string[]) => {
      const sync = { status: "Synced", revisions: compared };
      const syncResult = { revision: "", revisions: synced, resources };
      const operationState = { phase: "Succeeded", syncResult };
      return observationOf("web", { status: { ...healthy, sync, operationState } }, awaited).state;
    };
    assert.equal(stateOf(["1.2.3", "c2"], ["1.2.3", "c2"]), "idle");
    assert.equal(stateOf(["1.2.3", "c3"], ["1.2.3", "c2"]), "waiting");
  });

  it("adds the objects that got the image in the last sync to the known ones", () => {
    const resources = [
      { kind: "CronJob", name: "b", images: [ours, "redis:7"] },
      { kind: "Job", name: "c", images: [ours] },
      { kind: "Deployment", name: "d", images: [`${image}:1`] },
      { kind: "Deployment", name: "e", images: [ours], status: "PruneSkipped" },
      { kind: "Service", name: "f" },
    ];
    const status = { operationState: { syncResult: { resources } } };
    const { workloads } = observationOf(
      "web",
      { status },
      { ...awaited, workloads: ["CronJob a", "CronJob b"] },
    );
    assert.deepEqual(workloads, ["CronJob a", "CronJob b", "Job c"]);
  });

  it("is live if a healthy pod has the image, and no sync is running", () => {
    const status = { ...running(ours), ...healthy };
    assert.equal(observationOf("web", { status }, awaited).state, "live");
    const syncing = { ...status, operationState: { phase: "Running", message: "waiting" } };
    assert.equal(waiting({ status: syncing }), "web: it is Healthy: waiting");
    assert.equal(waiting({ status: { ...status, health: { status: "Missing" } } }), "web: it is Missing: ");
  });

  it("has failed if the sync of this image has, not of another", () => {
    for (const phase of ["Failed", "Error"]) {
      const operation = (source: unknown) => ({ phase, message: "a\n b", syncResult: { source } });
      const failed = observationOf("web", { status: { operationState: operation(asked(ours)) } }, awaited);
      assert.deepEqual([failed.state, failed.why], ["failed", "the sync of web has failed: a b"]);
      waiting({ status: { operationState: operation(asked(`${image}:old`)) } });
      waiting({ status: { operationState: operation(undefined) } });
    }
  });

  it("reports the first of its reasons to wait", () => {
    const unhealthy = {
      kind: "Deployment",
      name: "web",
      health: { status: "Degraded", message: "no\n pods" },
    };
    const resources = [{ kind: "Service", name: "web" }, { ...unhealthy, health: {} }, unhealthy];
    const conditions = [
      { type: "Warning", message: "none" },
      { type: "SyncError", message: "a desc = b desc = c\nd" },
    ];
    const status = { ...running(ours), resources };
    assert.equal(waiting({ status: { ...status, conditions } }), "web: c d");
    assert.equal(waiting({ status }), "web: Deployment web is Degraded: no pods");
    const none = "no pod of web runs the image yet: ";
    assert.equal(
      waiting({ spec: asked(ours), status: { resources } }),
      `${none}Deployment web is Degraded: no pods`,
    );
    const message = { operationState: { message: "syncing" } };
    assert.equal(waiting({ spec: asked(ours), status: { resources, ...message } }), `${none}syncing`);
  });

  it("without any data has not been given the image", () => {
    for (const application of [{}, null, undefined, [], { spec: asked(`${image}:old`) }])
      assert.match(
        waiting(application),
        /^web does not have the image yet: check that its manifests name registry:5000/,
      );
  });
});
