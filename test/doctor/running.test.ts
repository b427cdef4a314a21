import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reply } from "../support/doctor.ts";
import { refused } from "../support/doctor.ts";
import {
  argo,
  ceph,
  conditions,
  deadLetters,
  problems,
  found,
  known,
  list,
  catchUpRun,
  catchUpRuns,
  named,
  node,
  pod,
} from "../support/doctor-cluster.ts";

describe("the doctor's check of what runs in a cluster", () => {
  it("reports what Argo Events has not deployed", async () => {
    const answers = {
      [`${argo}/argo-events/eventbus/default`]: conditions(["Deployed", "False", "no PVC"]),
      [`${argo}/argo-events/eventsources/github`]: {},
      [`${argo}/argo-events/sensors/shop`]: undefined,
    };
    assert.deepEqual(await problems(answers), [
      "bad eventBus: the EventBus default is not deployed (no PVC). Fix: see the controller's log in argo-events.",
      "bad webhooks: the EventSource github is not deployed (its controller gives no reason). Fix: see the controller's log in argo-events.",
      "warn projects.shop: there is no Sensor shop. Fix: `pulumi up` creates it.",
    ]);
    const none = Object.fromEntries(Object.keys(answers).map((path) => [path, undefined]));
    assert.deepEqual(await problems(none), [
      "warn projects: nothing that receives pushes exists yet. Fix: `pulumi up` creates it.",
    ]);
  });

  it("reports pushes whose builds could not be started", async () => {
    const fix = "Fix: see `kubectl get configmaps --namespace argo-events --selector argo-cicd/dead-letter`.";
    for (const [letters, reply] of [
      [
        [named("dead-letter-a")],
        `warn projects: 1 build could not be started and left a dead letter. ${fix}`,
      ],
      [
        [named("dead-letter-a"), named("dead-letter-b")],
        `warn projects: 2 builds could not be started and left a dead letter. ${fix}`,
      ],
    ] as const) {
      assert.deepEqual(await problems({ [deadLetters]: list(...letters) }), [reply]);
    }
  });

  it("reports checks for lost pushes that are late, failed or incomplete", async () => {
    const log = (name: string) => `Fix: see \`argo logs ${name} --namespace ci\`.`;
    for (const [all, line] of [
      [[], "warn builds.catchUp: no check for lost pushes has ended yet."],
      [
        [catchUpRun(51, "Succeeded", {})],
        "bad builds.catchUp: the last check for lost pushes ended 51 min ago, but one is due every 10 min. Fix: see the workflow controller's log.",
      ],
      [
        [catchUpRun(3, "Failed", {}, "no such token")],
        `bad builds.catchUp: the last check for lost pushes ended 3 min ago and failed (no such token). ${log("catch-up-3")}`,
      ],
      [
        [catchUpRun(3, "Succeeded", { unanswered: "2" })],
        `warn builds.catchUp: the last check for lost pushes ended 3 min ago; 2 services could not be checked completely. ${log("catch-up-3")}`,
      ],
    ] as const) {
      assert.deepEqual(await problems({ [catchUpRuns]: list(...all) }), [line]);
    }
    const cron = `${argo}/ci/cronworkflows/catch-up`;
    assert.deepEqual(await problems({ [cron]: undefined }), [
      "warn builds.catchUp: there is no CronWorkflow catch-up. Fix: `pulumi up` creates it.",
    ]);
    assert.deepEqual(await problems({ [cron]: { spec: { suspend: true } } }), [
      "warn builds.catchUp: the CronWorkflow is suspended, so lost pushes are not found. Fix: `argo cron resume catch-up --namespace ci`.",
    ]);
    const off = { ...known, builds: { catchUp: { enabled: false } } };
    assert.deepEqual(await problems({ [cron]: refused }, off), []);
  });

  it("reports pods that do not run, and why", async () => {
    const waiting = (reason: string, message: string) => ({ state: { waiting: { reason, message } } });
    const build = { labels: { "workflows.argoproj.io/workflow": "w" } };
    const ended = { lastState: { terminated: { reason: "OOMKilled" } } };
    const unready = conditions(["Ready", "False", "containers with unready status: [main]"]).status;
    const pods = list(
      pod("crash", { containerStatuses: [waiting("CrashLoopBackOff", "back-off 5m\u001b[31m")] }),
      pod("young", { phase: "Pending" }, { seconds: 30 }),
      pod("image", { initContainerStatuses: [waiting("ErrImagePull", "")] }, { seconds: 1 }),
      pod("full", { phase: "Pending", ...conditions(["PodScheduled", "False", "0/3 nodes"]).status }),
      pod("evicted", { phase: "Failed", reason: "Evicted", message: "low on memory" }),
      pod("killed", { phase: "Running", containerStatuses: [ended], ...unready }),
      pod("slow", { phase: "Running", ...unready }),
      pod("build", { phase: "Failed" }, build),
    );
    const line = (name: string, why: string) =>
      `warn cluster: the pod ${name} in argo ${why}. Fix: see \`kubectl describe pod ${name} --namespace argo\`.`;
    assert.deepEqual(await problems({ "/api/v1/namespaces/argo/pods?limit=500": pods }), [
      line("crash", "waits: CrashLoopBackOff, back-off 5m[31m"),
      line("image", "waits: ErrImagePull"),
      line("full", "has no node: 0/3 nodes"),
      line("evicted", "has failed: Evicted, low on memory"),
      line("killed", "is not ready: OOMKilled"),
      "warn cluster: 1 more pod is not healthy in argo.",
    ]);
    assert.deepEqual(await problems({ "/api/v1/namespaces/argo/pods?limit=500": refused }), [
      "unchecked cluster: the list of pods in argo cannot be read (403 may not).",
    ]);
  });

  it("reports the health of Ceph, or that its disks cannot be seen", async () => {
    const three = list(...["a", "b", "c"].map((name) => node(name, ["Ready", "True"])));
    const config = { ...known, addons: { rookCeph: true } };
    const of = (health: string, bytesUsed: number) => {
      const details = { OSD_DOWN: { message: "1 osds down" } };
      const capacity = { bytesUsed, bytesTotal: 100 };
      return list({ status: { ceph: { health, capacity, ...(health === "HEALTH_OK" ? {} : { details }) } } });
    };
    const reported = async (reply: Reply | undefined) =>
      (await found({ "/api/v1/nodes": three, [ceph]: reply }, config)).filter((line) =>
        line.includes(" addons.rookCeph: "),
      );
    const fix = "Fix: see the log of rook-ceph-operator, and Rook's page on common issues.";
    assert.deepEqual(await reported(of("HEALTH_OK", 74)), ["good addons.rookCeph: Ceph reports HEALTH_OK."]);
    assert.deepEqual(await reported(of("HEALTH_WARN", 75)), [
      `warn addons.rookCeph: Ceph reports HEALTH_WARN (1 osds down). ${fix}`,
      "warn addons.rookCeph: Ceph's disks are 75 % full. Fix: add disks.",
    ]);
    assert.deepEqual(await reported(of("HEALTH_ERR", 0)), [
      `bad addons.rookCeph: Ceph reports HEALTH_ERR (1 osds down). ${fix}`,
    ]);
    assert.deepEqual(await reported(undefined), [
      "unchecked addons.rookCeph: Kubernetes does not show whether the nodes have unused disks. Fix: run `lsblk --fs` on each node: Ceph uses disks without FSTYPE and without partitions.",
    ]);
  });

  it("reports the volumes that keep Ceph from being removed, if it may be", async () => {
    const volume = (driver: string, namespace: string, name: string) => ({
      spec: { csi: { driver }, claimRef: { namespace, name } },
    });
    const rbd = "rook-ceph.rbd.csi.ceph.com";
    const answers = {
      "/api/v1/nodes": list(...["a", "b", "c"].map((name) => node(name, ["Ready", "True"]))),
      "/api/v1/persistentvolumes": list(
        volume(rbd, "shop", "database"),
        volume(rbd, "argo-events", "eventbus-default-js-vol-0"),
        volume("cinder.csi.openstack.org", "shop", "other"),
        volume(rbd, "registry", "zot"),
      ),
      [ceph]: list({ status: { ceph: { health: "HEALTH_OK" } } }),
    };
    const told = async (deletableNamespaces: readonly string[], reply: Record<string, Reply>) => {
      const cluster = { ...known.cluster, deletableNamespaces };
      const lines = await found(reply, { ...known, addons: { rookCeph: true }, cluster });
      return lines.filter((line) => line.includes(" addons.rookCeph: ") && !line.startsWith("good"));
    };
    assert.deepEqual(await told(["rook-ceph"], answers), [
      "warn addons.rookCeph: Ceph cannot be removed while it holds the volumes of registry/zot, shop/database. Fix: to remove Ceph, delete these claims after their workloads.",
    ]);
    assert.deepEqual(await told([], answers), []);
    assert.deepEqual(await told(["rook-ceph"], { ...answers, "/api/v1/persistentvolumes": refused }), [
      "unchecked addons.rookCeph: the list of volumes cannot be read (403 may not).",
    ]);
  });
});
