/** One WorkflowTemplate builds the branch, pull requests and other branches: the values of each, as Argo expands them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Given } from "../support/build-template.ts";
import { command, names, step, template } from "../support/build-template.ts";
import { expand } from "../support/argo-template.ts";
import { notifications } from "../support/build-notifications.ts";
import { repositoryName } from "../support/builders.ts";
import { deliveredToOne } from "../support/steps.ts";

const whole: Given = [
  { pullRequests: true, signing: true },
  { delivered: deliveredToOne, notifications: notifications(), scan: { mode: "warn", severity: "HIGH" } },
];
const pull = "refs/pull/17/head";
const branchRefs = ["", "refs/heads/release/1.x"];

/** Expands only the parameter `ref`. */
function filled(text: string, ref: string): string {
  return expand(text, (name) => (name === "workflow.parameters.ref" ? ref : undefined));
}

function withRef<Value>(value: Value, ref: string): Value {
  return JSON.parse(filled(JSON.stringify(value), ref)) as Value;
}

function environment(name: string, ref: string, place: string) {
  return environmentOf(name, ref, place, whole);
}

function environmentOf(name: string, ref: string, place: string, given: Given) {
  const { container, initContainers = [] } = withRef(step(name, ...given), ref);
  const found = [...initContainers, { name: "main", ...container }].find((one) => one.name === place);
  assert.ok(found !== undefined, place);
  return Object.fromEntries(found.env.flatMap((one) => ("value" in one ? [[one.name, one.value]] : [])));
}

function tasks(ref: string, ...given: Given) {
  const [pipeline] = template(...given).templates;
  assert.ok(pipeline !== undefined && "dag" in pipeline);
  return pipeline.dag.tasks.map((one) => ({ ...one, when: one.when && filled(one.when, ref) }));
}

/** The condition of each task. */
function running(ref: string): Record<string, string | undefined> {
  return Object.fromEntries(tasks(ref, ...whole).map(({ name, when }) => [name, when]));
}

describe("a build of a pull request", () => {
  it("is scanned, reported to GitHub, and neither signed, published nor awaited", () => {
    const waits = "{{tasks.publish.outputs.parameters.moved}} == true";
    const always = { begin: undefined, build: undefined, scan: undefined, live: waits };
    assert.deepEqual(running(pull), { ...always, attest: "false", publish: "false", report: "true" });
    for (const ref of branchRefs)
      assert.deepEqual(running(ref), { ...always, attest: "true", publish: "true", report: "false" });
    // Neither form: every program refuses it, and even if one did not, no tag would move.
    for (const ref of ["refs/heads/other", "refs/pull/17/head2", "refs/pull/017/head", "x"])
      assert.deepEqual(running(ref), { ...always, attest: "false", publish: "false", report: "false" });
  });

  it("waits for no deployment, since nothing was published", () => {
    const depends = tasks(pull, ...whole).map((one) => [one.name, one.depends]);
    assert.deepEqual(Object.fromEntries(depends), {
      begin: undefined,
      build: undefined,
      scan: "build",
      attest: "scan",
      publish: "attest && (begin || begin.Failed || begin.Errored)",
      live: "publish.Succeeded",
      report: "attest && (begin || begin.Failed || begin.Errored)",
    });
  });

  it("has its own tag, the only one that its builder may push", () => {
    for (const place of ["find", "registry"]) {
      assert.equal(environment("build", pull, place)["COMMIT_TAG"], "pull-17-{sha7}");
      for (const ref of branchRefs)
        assert.equal(environment("build", ref, place)["COMMIT_TAG"], "release-1.x-{sha7}");
    }
    for (const builder of ["kaniko", "buildkit"] as const) {
      const { container } = step("build", { pullRequests: true, builder });
      const named = container.args?.filter((one) => one.includes("127.0.0.1:5500/team/web:{own-tag}"));
      assert.equal(named?.length, 1);
      assert.equal(environment("build", pull, "main")["_imagetag"], "pull-17-{sha7}");
      for (const ref of branchRefs)
        assert.equal(environment("build", ref, "main")["_imagetag"], "release-1.x-{sha7}");
    }
  });

  it("reads the branch's cache, and does not write it", () => {
    assert.equal(environment("build", pull, "registry")["CACHE_PATH"], "");
    const args = step("build", ...whole).container.args?.filter((one) => /push-cache|cache-repo/.test(one));
    assert.deepEqual(args, ["--cache-repo=127.0.0.1:5500/team/web-cache", "--no-push-cache={env:_readonly}"]);
    assert.equal(environment("build", pull, "main")["_readonly"], "true");
    for (const ref of branchRefs) {
      assert.equal(environment("build", ref, "registry")["CACHE_PATH"], "team/web-cache");
      assert.equal(environment("build", ref, "main")["_readonly"], "false");
    }
  });

  it("has labels that find only builds of the same pull request", () => {
    assert.equal(environment("begin", pull, "main")["BRANCH_LABEL"], "pull-17");
    for (const ref of branchRefs)
      assert.equal(environment("begin", ref, "main")["BRANCH_LABEL"], "release-1.x");
    const { labelsFrom = {} } = template(...whole).workflowMetadata;
    const labels = (ref: string) =>
      Object.entries(labelsFrom).map(
        ([key, { expression }]) => [key, filled(`{{=${expression}}}`, ref)] as const,
      );
    const own = (ref: string) => Object.fromEntries(labels(ref).filter(([, value]) => !value.includes("{{")));
    assert.deepEqual(own(pull), { "argo-cicd/branch": "pull-17", "argo-cicd/pull-request": "17" });
    for (const ref of branchRefs)
      assert.deepEqual(own(ref), { "argo-cicd/branch": "release-1.x", "argo-cicd/pull-request": "" });
  });

  it("has its own commit status, for a service too", () => {
    const context = "argo-cicd/develop/pull-request";
    for (const name of ["begin", "report", "report-failure"]) {
      assert.equal(environment(name, pull, "main")["CONTEXT"], context);
      assert.equal(environment(name, "", "main")["CONTEXT"], "argo-cicd/develop");
    }
    const { CONTEXT = "" } = command(
      step("begin", { pullRequests: true, service: repositoryName("worker") }).container,
    ).env;
    assert.equal(filled(CONTEXT, pull), "argo-cicd/develop/worker/pull-request");
  });

  it("is reported to GitHub only", () => {
    const [steps] = template(...whole).templates.flatMap((one) => ("steps" in one ? one.steps : []));
    const when = (ref: string) => steps?.map((one) => [one.name, filled(one.when, ref)]);
    const failed = "{{workflow.status}} != Succeeded";
    const isNews = steps?.find(({ name }) => name === "notify")?.when.replace(/ && .*/, "") ?? "";
    assert.deepEqual(when(pull), [
      ["report-failure", failed],
      ["notify", `${isNews} && false`],
    ]);
    assert.deepEqual(when("")?.[1], ["notify", `${isNews} && true`]);
  });

  it("fetches its ref, and refuses a fork's commit at the checkout", () => {
    const asked = (name: string, place: string) => {
      const { REF, FORKS } = environment(name, pull, place);
      return [REF, FORKS];
    };
    assert.deepEqual(asked("begin", "tip"), [pull, undefined]);
    assert.deepEqual(asked("build", "checkout"), [pull, "named"]);
    assert.deepEqual(asked("publish", "tip"), [pull, undefined]);
  });
});

describe("a template whose check runs can be run again, without pull requests", () => {
  const github = { token: undefined, api: "https://api.github.com", workflowsUrl: undefined };
  const given: Given = [{}, { statuses: { ...github, context: "argo-cicd/develop", app: 271828 } }];
  const env = (name: string, place: string, ref: string) => environmentOf(name, ref, place, given);

  it("accepts the branch's own ref, and refuses commits that are not on the branch", () => {
    const parameters = template(...given).arguments?.parameters.map(({ name }) => name);
    assert.deepEqual(parameters, ["commit", "tag", "rebuild", "ref"]);
    for (const ref of branchRefs) {
      assert.equal(env("begin", "tip", ref)["REF"], ref);
      const { REF, FORKS } = env("build", "checkout", ref);
      assert.deepEqual([REF, FORKS], [ref, "named"]);
    }
  });

  it("accepts no other ref, which would be tagged and delivered like the branch", () => {
    for (const ref of [pull, "refs/heads/other", "{{workflow.name}}", "'"])
      assert.equal(env("build", "checkout", ref)["REF"], "no ref");
  });
});

describe("a template that builds pull requests", () => {
  const attacks = [
    "{{",
    "{{workflow.name}}",
    '{{=sprig.repeat(5,"x")}}',
    "refs/pull/17/head{{",
    "'",
    '"}',
    "a b",
  ];
  const texts = [...JSON.stringify(template(...whole)).matchAll(/\{\{=workflow\.parameters\.ref.*?\}\}/g)];

  it("uses `ref` only if it has the format of a ref", () => {
    assert.ok(texts.length > 10);
    for (const attack of attacks)
      for (const [text] of texts) {
        const expanded = filled(text, attack);
        assert.ok(!expanded.includes(attack), `${attack}: ${text}`);
        assert.doesNotMatch(expanded, /\{\{/);
      }
  });

  it("has one parameter and one step more than one that builds none, which has no trace of them", () => {
    const without: Given = [{ signing: true }, whole[1]];
    const added = names(...whole).filter((one) => !names(...without).includes(one));
    assert.deepEqual(added, ["report"]);
    const parameters = (given: Given) => template(...given).arguments?.parameters.map(({ name }) => name);
    assert.deepEqual(parameters(whole), ["commit", "tag", "rebuild", "ref"]);
    assert.doesNotMatch(
      JSON.stringify(template(...without)),
      /parameters\.ref|pull-|"REF"|FORKS|no-push-cache/,
    );
  });
});

describe("a build of another branch", () => {
  const others: Given = [{ otherBranches: true, signing: true }, whole[1]];
  const both: Given = [{ ...others[0], pullRequests: true }, whole[1]];
  const feature = "refs/heads/feature/A_1.x";
  const mine = (name: string, place: string, ref: string, given: Given = others) =>
    environmentOf(name, ref, place, given);

  it("is scanned, reported to GitHub only, and neither signed, published nor awaited", () => {
    const which = (ref: string, given: Given) =>
      Object.fromEntries(tasks(ref, ...given).map(({ name, when }) => [name, when]));
    const waits = "{{tasks.publish.outputs.parameters.moved}} == true";
    const always = { begin: undefined, build: undefined, scan: undefined, live: waits };
    for (const given of [others, both])
      assert.deepEqual(which(feature, given), {
        ...always,
        attest: "false",
        publish: "false",
        report: "true",
      });
    for (const given of [others, both])
      for (const ref of branchRefs)
        assert.deepEqual(which(ref, given), { ...always, attest: "true", publish: "true", report: "false" });
    assert.equal(which(pull, both)["report"], "true");
    // A template without pull requests accepts none.
    assert.equal(which(pull, others)["report"], "false");
    const [steps] = template(...others).templates.flatMap((one) => ("steps" in one ? one.steps : []));
    const notifyWhen = steps?.find(({ name }) => name === "notify")?.when ?? "";
    assert.match(filled(notifyWhen, feature), / && false$/);
    assert.match(filled(notifyWhen, ""), / && true$/);
  });

  it("has its own tag, label and commit status, and writes no cache", () => {
    const seen = (ref: string, given: Given) => ({
      tag: mine("build", "registry", ref, given)["COMMIT_TAG"],
      pushed: mine("build", "main", ref, given)["_imagetag"],
      label: mine("begin", "main", ref, given)["BRANCH_LABEL"],
      status: ["begin", "report", "report-failure"].map((name) => mine(name, "main", ref, given)["CONTEXT"]),
      cache: mine("build", "registry", ref, given)["CACHE_PATH"],
      readonly: mine("build", "main", ref, given)["_readonly"],
      branch: mine("build", "main", ref, given)["_branch"],
    });
    const status = (name: string) => [name, name, name];
    const tag = "branch-feature-A_1.x-{sha7}";
    const own = { tag: "release-1.x-{sha7}", pushed: "release-1.x-{sha7}", label: "release-1.x" };
    for (const given of [others, both]) {
      assert.deepEqual(seen(feature, given), {
        ...{ tag, pushed: tag, label: "branch-feature-A_1.x", status: status("argo-cicd/develop/branch") },
        ...{ cache: "", readonly: "true", branch: "feature/A_1.x" },
      });
      for (const ref of branchRefs)
        assert.deepEqual(seen(ref, given), {
          ...{ ...own, status: status("argo-cicd/develop") },
          ...{ cache: "team/web-cache", readonly: "false", branch: "release/1.x" },
        });
    }
    assert.deepEqual(seen(pull, both), {
      ...{ tag: "pull-17-{sha7}", pushed: "pull-17-{sha7}", label: "pull-17", cache: "", readonly: "true" },
      // The branch that the pull request would be merged into.
      ...{ status: status("argo-cicd/develop/pull-request"), branch: "release/1.x" },
    });
  });

  it("has labels that fit, even with the longest name", () => {
    const { labelsFrom = {} } = template(...both).workflowMetadata;
    const labels = (ref: string) =>
      ["branch", "other-branch", "pull-request"].map((key) =>
        filled(`{{=${labelsFrom[`argo-cicd/${key}`]?.expression ?? ""}}}`, ref),
      );
    assert.deepEqual(labels(feature), ["branch-feature-A_1.x", "feature-A_1.x", ""]);
    assert.deepEqual(labels(pull), ["pull-17", "", "17"]);
    for (const ref of branchRefs) assert.deepEqual(labels(ref), ["release-1.x", "", ""]);
    const longest = `a/${"b".repeat(54)}`;
    const [label = ""] = labels(`refs/heads/${longest}`);
    assert.deepEqual([label, label.length], [`branch-${longest.replace("/", "-")}`, 63]);
    assert.deepEqual(labels(`refs/heads/${longest}b`), ["release-1.x", "", ""]);
  });

  it("fetches its branch, and accepts the pushed commit even if the branch has moved since", () => {
    const asked = (ref: string, given: Given) =>
      ["begin:tip", "build:checkout", "publish:tip"].map((one) => {
        const [name = "", place = ""] = one.split(":");
        const { BRANCH, REF, FORKS } = mine(name, place, ref, given);
        return [BRANCH, REF, FORKS];
      });
    for (const given of [others, both]) {
      const tip = ["feature/A_1.x", feature, undefined];
      assert.deepEqual(asked(feature, given), [tip, ["feature/A_1.x", feature, ""], tip]);
      const own = ["release/1.x", branchRefs[1], undefined];
      assert.deepEqual(asked(branchRefs[1] ?? "", given), [own, [...own.slice(0, 2), "named"], own]);
    }
    assert.deepEqual(asked(pull, both)[1], ["release/1.x", pull, "named"]);
    assert.deepEqual(asked(pull, others)[1], ["release/1.x", "no ref", "named"]);
  });

  it("is refused everywhere if its name does not have the format", () => {
    const hostile = [
      ...[
        "{{",
        "{{workflow.name}}",
        '{{=sprig.repeat(5,"x")}}',
        "'",
        '"',
        "$(id)",
        "`id`",
        "a b",
        "a\nb",
        "a\n",
      ],
      ...["ü", "-a", ".a", "a-", "a+b", "a".repeat(57), ""],
    ].map((name) => `refs/heads/${name}`);
    const texts = [...JSON.stringify(template(...both)).matchAll(/\{\{=workflow\.parameters\.ref.*?\}\}/g)];
    assert.ok(texts.length > 20);
    for (const ref of [...hostile, "refs/heads", "refs/tags/a", "refs/heads/feature/a{{"]) {
      assert.equal(mine("build", "checkout", ref)["REF"], "no ref", ref);
      for (const [text] of texts) {
        const expanded = filled(text, ref);
        assert.ok(!expanded.includes(ref), `${ref}: ${text}`);
        assert.doesNotMatch(expanded, /\{\{/);
      }
    }
  });

  it("keeps its tags from git tags, in the step that sets those", () => {
    const otherBranches = (given: Given) => mine("publish", "tag", "", given)["OTHER_BRANCHES"];
    assert.deepEqual([otherBranches(others), otherBranches(whole)], ["true", undefined]);
  });

  it("leaves no trace in a template that builds none", () => {
    assert.doesNotMatch(JSON.stringify(template(...whole)), /branch-|_branch|OTHER_BRANCHES|other-branch/);
  });
});
