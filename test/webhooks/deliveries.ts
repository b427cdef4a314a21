/** What starts a build and what does not, many pushes at once, and parts that are killed. Nothing is built here. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { SensorSpec } from "../../components/kinds/events.ts";
import { deadLetter } from "../../components/trigger/dead-letter.ts";
import type { ClusterApi, ClusterObject } from "../support/cluster-api.ts";
import { namespaces, partNames } from "../support/cluster-argo.ts";
import { existing } from "../support/cluster-environment.ts";
import { titleOf } from "../support/cluster-objects.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { longServices } from "../support/cluster-stack-config.ts";
import type { Trigger } from "../support/cluster-trigger.ts";
import {
  branchOf,
  namespace,
  pushOf,
  randomCommit,
  triggerOf,
  workflow,
  workflowName,
} from "../support/cluster-trigger.ts";
import { until } from "../support/cluster-wait.ts";
import { itRefuses } from "./refusals.ts";

/** Allows no pods in the namespace of builds. */
const noPods = {
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "no-pods", namespace },
  spec: { hard: { pods: "0" } },
};

/**
 * Runs after all builds: if the holder of a slot is deleted before the controller has recorded it, the controller frees
 * the slot a minute or two later, and later builds would wait for it.
 *
 * @param started returns the cluster once it has started; afterwards it has no Workflows
 */
export function describeDeliveries(started: () => BuildCluster): void {
  describe("deliveries", () => {
    let cluster: BuildCluster;
    let triggers: Record<"alog" | "aform", Trigger>;
    before(async () => {
      cluster = started();
      await cluster.api.apply(noPods);
      triggers = { alog: await triggerOf(cluster, "alog"), aform: await triggerOf(cluster, "aform") };
      // Those of earlier tests, which have ended.
      await deleteWorkflows();
    });
    after(async () => {
      await deleteWorkflows();
      await cluster.api.remove("v1", "ResourceQuota", noPods.metadata.name, namespace);
    });

    const deleteWorkflows = async () => {
      const [apiVersion] = workflow;
      await cluster.api.call(`/apis/${apiVersion}/namespaces/${namespace}/workflows`, { method: "DELETE" });
      await until("every Workflow is gone", async () => (await triggers.alog.workflows()).length === 0);
    };

    it("start the right template with the pushed commit, for every repository of both projects", async () => {
      const repositories = cluster.objects
        .filter(({ kind }) => kind === "WorkflowTemplate")
        .map(({ metadata }) => metadata.name)
        .filter((name) => name !== "catch-up" && !name.startsWith("shop-"));
      assert.equal(repositories.length, 14);
      for (const repository of repositories) {
        const [commit, id] = [randomCommit(), randomUUID()];
        const project = repository.startsWith("alog-") ? "alog" : "aform";
        assert.equal(await triggers[project].send({ id, body: pushOf(repository, commit) }), 200);
        const name = workflowName(repository, commit, id);
        await triggers[project].started(name);
        const { spec } = await cluster.api.get(...workflow, name, namespace);
        assert.deepEqual(spec, startOf(repository, commit));
      }
    });

    it("start only the services whose paths they change, and all when their list of changes may be incomplete", async () => {
      const shop = await triggerOf(cluster, "shop");
      const started = async (
        changes: Readonly<Record<string, unknown>>,
        ref = `refs/heads/${branchOf("shop")}`,
      ) => {
        const [commit, id] = [randomCommit(), randomUUID()];
        const payload = JSON.parse(pushOf("shop", commit, ref)) as { head_commit: object };
        const reported = { created: false, forced: false, commits: [], ...changes };
        assert.equal(await shop.send({ id, body: JSON.stringify({ ...payload, ...reported }) }), 200);
        return (services: readonly string[]) => services.map((service) => workflowName(service, commit, id));
      };
      const [api, jobs] = ["shop-api", "shop-jobs"];
      const all = [api, jobs, "shop-vulnerable", ...longServices];
      // The most commits that GitHub lists of a push; there may be more.
      const many = Array.from({ length: 2048 }, () => ({ added: [], modified: ["README.md"], removed: [] }));
      const changing = (...modified: string[]) => ({ commits: [{ added: [], modified, removed: [] }] });
      const expected = [
        (await started(changing("api/main.go", "README.md")))([api]),
        (await started(changing("docs/api/main.go", "apis/x", "api.md")))([]),
        (await started({ commits: [{ added: ["jobs/new"], modified: ["api/x"], removed: [] }] }))([
          api,
          jobs,
        ]),
        (await started({ ...changing("api/x"), head_commit: { message: "words [skip ci]" } }))([]),
        (await started({ ...changing("README.md") }, "refs/tags/v1.0.0"))(all),
        (await started({ ...changing("README.md") }, "refs/tags/nightly"))([]),
        (await started({ commits: [] }))(all),
        (await started({ ...changing("README.md"), created: true }))(all),
        (await started(changing("long/x")))(longServices),
        (await started({ commits: many.slice(1) }))([]),
        (await started({ commits: many }))(all),
        // The last delivery starts every service: once its Workflows exist, all deliveries have been processed.
        (await started({ ...changing("README.md"), forced: true }))(all),
      ].flat();
      for (const name of expected) await shop.started(name);
      const found = (await shop.workflows()).filter((name) => name.startsWith("shop-"));
      assert.deepEqual(found.sort(), expected.sort());
    });

    it("choose only the template and the commit, whatever their other fields contain", async () => {
      for (const text of hostile) {
        const [commit, id] = [randomCommit(), randomUUID()];
        const payload = JSON.parse(pushOf("alog-service-user", commit)) as Record<string, unknown>;
        const texts = {
          message: text,
          ref: text,
          spec: { entrypoint: text },
          pusher: { name: text, email: text },
        };
        const body = JSON.stringify({ ...payload, head_commit: texts, pusher: texts.pusher, [text]: text });
        assert.equal(await triggers.alog.send({ id, body }), 200);
        const name = workflowName("alog-service-user", commit, id);
        await triggers.alog.started(name);
        const { spec } = await cluster.api.get(...workflow, name, namespace);
        assert.deepEqual(spec, startOf("alog-service-user", commit));
      }
    });

    itRefuses(() => triggers.alog);

    it("of one push start one build, however often they are repeated; a branch that is reset to a commit starts another", async () => {
      const repository = "alog-service-issue";
      const [commit, id, later] = [randomCommit(), randomUUID(), randomUUID()];
      const body = pushOf(repository, commit);
      for (let time = 0; time < 3; time++) assert.equal(await triggers.alog.send({ id, body }), 200);
      assert.equal(await triggers.alog.send({ id: later, body }), 200);
      await triggers.alog.started(workflowName(repository, commit, later));
      await triggers.alog.settle();
      const ofCommit = (await triggers.alog.workflows()).filter((name) => name.includes(commit.slice(0, 12)));
      assert.deepEqual(
        ofCommit.sort(),
        [workflowName(repository, commit, id), workflowName(repository, commit, later)].sort(),
      );
    });

    it("start nothing when a field that matters is hostile", async () => {
      const before = await triggers.alog.workflows();
      for (const text of hostile) {
        for (const body of [
          pushOf("alog-service-user", text),
          pushOf("alog-service-user", randomCommit(), text),
          pushOf("alog-service-user", randomCommit(), `refs/heads/${branchOf("alog")}${text}`),
          pushOf(text, randomCommit()),
          pushOf(`alog-service-user${text}`, randomCommit()),
          pushOf("alog-service-user", randomCommit(), `refs/heads/${branchOf("alog")}`, text),
        ]) {
          // The EventSource accepts it: only the Sensor filters.
          assert.equal(await triggers.alog.send({ body }), 200);
        }
        await triggers.alog.send({
          id: text.replace(/[^ -~]/g, ""),
          body: pushOf("alog-service-user", randomCommit()),
        });
      }
      await triggers.alog.settle();
      assert.equal((await triggers.alog.workflows()).length, before.length + 1);
    });

    it("start nothing when the body is not JSON, or empty, or too large", async () => {
      const before = await triggers.alog.workflows();
      const large = JSON.stringify({
        ...Object(JSON.parse(pushOf("alog-service-user", randomCommit()))),
        large: "x".repeat(6e6),
      });
      for (const body of ["{", "[]", "null", "", large]) {
        // The connection may be cut before the body has gone through.
        const status = await triggers.alog.send({ body }).catch(() => 0);
        if (body === large) assert.notEqual(status, 200);
      }
      await triggers.alog.settle();
      assert.equal((await triggers.alog.workflows()).length, before.length + 1);
    });

    it("are all acknowledged in time when a hundred come at once, and each starts one Workflow", async (context) => {
      const started = performance.now();
      const names = await pushMany(triggers, 100);
      assert.equal(names.length, 100);
      const seconds = (performance.now() - started) / 1000;
      context.diagnostic(`100 deliveries were acknowledged in ${seconds.toFixed(2)} s`);
      assert.ok(seconds < 10, "GitHub waits ten seconds for an answer");
      await allThere(triggers.alog, names);
    });

    it("are built at once up to the limit of the stack; the others wait", async () => {
      await fourHold(cluster.api, 20);
    });

    it("that start nothing leave a dead letter with the command that replays them", async () => {
      await cluster.api.apply(hastySensor(cluster));
      const sent = new Map<string, { readonly commit: string; readonly id: string }>();
      const letter = await until("there is a dead letter", async () => {
        // The Sensor misses what is sent before its pod listens.
        const push = { commit: randomCommit(), id: randomUUID() };
        const body = pushOf("alog-service-user", push.commit);
        assert.equal(await triggers.alog.send({ id: push.id, body }), 200);
        sent.set(`dead-letter-${workflowName("alog-service-user", push.commit, push.id)}`, push);
        const [first] = await cluster.api.list("v1", "ConfigMap", namespaces.events, deadLetter.label);
        return first;
      });
      const { name } = letter.metadata;
      const { commit = "", id } = sent.get(name) ?? {};
      const replay = `argo submit --namespace ci --from workflowtemplate/alog-service-user --parameter commit=${commit}`;
      assert.deepEqual(letter["data"], { delivery: id, replay });
      await cluster.api.remove(...sensor, hasty, namespaces.events);
      for (const { metadata } of await cluster.api.list(
        "v1",
        "ConfigMap",
        namespaces.events,
        deadLetter.label,
      ))
        await cluster.api.remove("v1", "ConfigMap", metadata.name, namespaces.events);
    });

    describe("once acknowledged", () => {
      const acknowledged: string[] = [];
      /** Pushes at intervals, ends something in between, and starts it again afterwards. */
      const through = async (ends: () => Promise<unknown>, begins?: () => Promise<unknown>) => {
        const names: string[] = [];
        const pushSome = async () => {
          const some = await pushMany(triggers, 4);
          names.push(...some);
          return some.length === 4;
        };
        for (let round = 0; round < 20; round++) {
          if (round === 5) await ends();
          await pushSome();
          await sleep(100);
        }
        await begins?.();
        const before = names.length;
        // As many as come before the end in the next test: on a busy machine, some succeed before everything is back.
        await until("pushes are acknowledged again", async () => {
          for (let round = 0; round < 5; round++) if (!(await pushSome())) return false;
          return true;
        });
        acknowledged.push(...names);
        return before;
      };
      const withoutApi = existing === undefined ? false : "the API server is not the test's own";

      for (const part of partNames) {
        it(`stay so when the processes of the ${part} are killed in the middle`, async (context) => {
          const count = await through(() => cluster.kill(part));
          context.diagnostic(`${count.toString()} of 80 pushes were acknowledged`);
          assert.ok(count >= 20);
        });
      }

      it("stay so when the API server is down, and no push waits for it", { skip: withoutApi }, async () => {
        const { stopApi, startApi } = cluster;
        assert.ok(stopApi !== undefined);
        assert.equal(await through(stopApi, startApi), 80);
      });

      it("stay so when everything is killed at once, with the API server", { skip: withoutApi }, async () => {
        const { stopApi, startApi } = cluster;
        assert.ok(stopApi !== undefined);
        const all = [stopApi, ...partNames.map((part) => () => cluster.kill(part))];
        assert.ok((await through(() => Promise.all(all.map((end) => end())), startApi)) >= 20);
      });

      it("are not lost, whatever was killed", async () => {
        await allThere(triggers.alog, acknowledged);
      });
    });
  });
}

const sensor = ["argoproj.io/v1alpha1", "Sensor"] as const;
const hasty = "hasty";

/** A copy of a project's Sensor: it starts builds in a namespace where it may not, and gives up at once. */
function hastySensor({ objects }: BuildCluster): ClusterObject {
  const own = objects.find((object) => titleOf(object) === `Sensor ${namespaces.events}/alog`);
  assert.ok(own !== undefined);
  const { triggers, ...spec } = structuredClone(own["spec"]) as SensorSpec;
  const [trigger] = triggers;
  assert.ok(trigger !== undefined);
  Object.assign(trigger.template.k8s.source.resource.metadata, { namespace: "default" });
  Object.assign(trigger.retryStrategy, { steps: 1, duration: "1s" });
  return {
    ...own,
    metadata: { name: hasty, namespace: namespaces.events },
    spec: { ...spec, triggers: [trigger] },
  };
}

const hostile = [
  "'\"`\\",
  "line\nbreak: {}\r\n",
  "$(touch /tmp/x)`id`",
  "{{workflow.name}}{{=sprig.env('HOME')}}",
  "{{ .Input.body }}",
  "../../x",
  "\u0000\u202e\u{1f600}",
  "x".repeat(100_000),
];

/** What the Sensor creates: a reference to the repository's template, and the commit. */
function startOf(repository: string, commit: string) {
  return {
    workflowTemplateRef: { name: repository },
    arguments: { parameters: [{ name: "commit", value: commit }] },
  };
}

/** Builds that hold a slot, or wait for one. */
async function locks(api: ClusterApi, kind: "holding" | "waiting"): Promise<number> {
  const workflows = await api.list(...workflow, namespace);
  return workflows.flatMap(({ status }) => {
    const { synchronization } = (status ?? {}) as {
      synchronization?: { semaphore?: Readonly<Partial<Record<typeof kind, readonly object[]>>> };
    };
    return synchronization?.semaphore?.[kind] ?? [];
  }).length;
}

function fourHold(api: ClusterApi, waiting: number): Promise<true> {
  return until(
    "four builds hold a slot, and the others wait",
    // A build that gets no pod ends, and for a moment both it and the next one are recorded as holders.
    async () => (await locks(api, "holding")) === 4 && (await locks(api, "waiting")) > waiting,
  );
}

/** @returns the names of the Workflows that acknowledged pushes must start */
async function pushMany(
  triggers: Readonly<Record<"alog" | "aform", Trigger>>,
  count: number,
): Promise<string[]> {
  const pushes = Array.from({ length: count }, async (_, index) => {
    const project = index % 2 === 0 ? "alog" : "aform";
    const [repository, commit, id] = [`${project}-service-user`, randomCommit(), randomUUID()];
    const status = await triggers[project].send({ id, body: pushOf(repository, commit) }).catch(() => 0);
    return status === 200 ? [workflowName(repository, commit, id)] : [];
  });
  return (await Promise.all(pushes)).flat();
}

function allThere(trigger: Trigger, names: readonly string[]): Promise<unknown> {
  return until(
    "every acknowledged push has its Workflow",
    async () => {
      const there = new Set(await trigger.workflows());
      const missing = names.filter((name) => !there.has(name));
      if (missing.length > 0)
        throw new Error(`${missing.length.toString()} of ${names.length.toString()} missing`);
      return true;
    },
    // JetStream redelivers what a killed sensor had received after half a minute, twice if needed.
    150,
  );
}
