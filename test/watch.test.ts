import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { watch } from "../components/watch/watch.ts";
import { now } from "./support/doctor.ts";
import { conditions, later, list, pod } from "./support/doctor-cluster.ts";

interface Seen {
  readonly pods?: readonly object[];
  readonly events?: readonly object[];
}

/** The messages of `up` for these states of a namespace, one for each poll, and the requests that it has made. */
async function watched(polls: readonly Seen[], answers: Readonly<Record<string, string>> = {}) {
  const messages: string[] = [];
  const asked: string[] = [];
  let index = -1;
  await watch(["argo"], {
    read: (path) => {
      asked.push(path);
      const seen = polls[index] ?? {};
      const [, what = ""] = /^\/api\/v1\/namespaces\/argo\/(pods|events)\?.*limit=500$/.exec(path) ?? [];
      const items = what === "pods" ? seen.pods : seen.events;
      return Promise.resolve(items === undefined ? answers[path] : JSON.stringify(list(...items)));
    },
    say: (level, text) => messages.push(`${level}: ${text}`),
    wait: () => Promise.resolve(++index < polls.length),
    now: () => now,
  });
  return { messages, asked };
}

const waiting = (reason: string, message: string) => ({
  phase: "Pending",
  containerStatuses: [{ name: "main", state: { waiting: { reason, message } } }],
});
const image = waiting("ImagePullBackOff", 'Back-off pulling image "quay.io/argo:v9"');
const ready = { phase: "Running", ...conditions(["Ready", "True"]).status };
const unready = {
  phase: "Running",
  ...conditions(["Ready", "False", "containers with unready status: [main]"]).status,
};

function event(kind: string, name: string, reason: string, message: string, seconds = 10) {
  const involvedObject = { kind, name, uid: `uid of ${name}` };
  return { involvedObject, reason, message, lastTimestamp: later(-seconds).toISOString() };
}

function identified(name: string, status: object) {
  const { metadata, ...rest } = pod(name, status);
  return { ...rest, metadata: { ...metadata, uid: `uid of ${name}` } };
}

describe("`up`, while it waits", () => {
  it("reports once which pod waits and why, and when it is ready", async () => {
    const { messages } = await watched([
      { pods: [pod("server", image)] },
      { pods: [pod("server", image), pod("other", ready)] },
      { pods: [pod("server", image)] },
      { pods: [pod("server", ready)] },
      { pods: [pod("server", ready)] },
    ]);
    assert.deepEqual(messages, [
      'warn: the pod server in argo waits: ImagePullBackOff, Back-off pulling image "quay.io/argo:v9"',
      "info: the pod server in argo is ready now",
    ]);
  });

  it("ignores pods that are ready by the next poll, new, or terminating", async () => {
    const starting = pod("starting", { phase: "Pending" }, { seconds: 30 });
    const { metadata, ...rest } = pod("leaving", unready);
    const leaving = { ...rest, metadata: { ...metadata, deletionTimestamp: now.toISOString() } };
    const { messages } = await watched([
      { pods: [pod("server", image), starting, leaving] },
      { pods: [pod("server", ready), starting, leaving] },
    ]);
    assert.deepEqual(messages, []);
  });

  it("shows the last log line of a crashing container", async () => {
    const { containerStatuses } = waiting("CrashLoopBackOff", "back-off 10s");
    const crash = {
      containerStatuses: containerStatuses.map((one) => ({
        ...one,
        lastState: { terminated: { exitCode: 1 } },
      })),
    };
    const seen = { pods: [pod("server", crash)] };
    const log = "/api/v1/namespaces/argo/pods/server/log?container=main&previous=true&tailLines=1";
    const answer = { [log]: "fatal: no such\u001b[31m key\n" };
    assert.deepEqual((await watched([seen, seen], answer)).messages, [
      "warn: the pod server in argo waits: CrashLoopBackOff, back-off 10s; the last line of main: fatal: no such[31m key",
    ]);
    assert.deepEqual((await watched([seen, seen])).messages, [
      "warn: the pod server in argo waits: CrashLoopBackOff, back-off 10s",
    ]);
  });

  it("shows why a pod has no node", async () => {
    const message = "pod has unbound immediate PersistentVolumeClaims";
    const seen = {
      pods: [pod("bus", { phase: "Pending", ...conditions(["PodScheduled", "False", message]).status })],
      events: [
        event("PersistentVolumeClaim", "data-bus", "ProvisioningFailed", 'storageclass "fast" not found'),
      ],
    };
    assert.deepEqual((await watched([seen, seen])).messages, [
      `warn: the pod bus in argo has no node: ${message}`,
      'warn: the PersistentVolumeClaim data-bus in argo waits: ProvisioningFailed, storageclass "fast" not found',
    ]);
  });

  it("shows the newest event if the pod's status has no cause", async () => {
    const seen = {
      pods: [identified("server", unready), identified("web", unready)],
      events: [
        event("Pod", "server", "FailedMount", 'secret "key" not found', 20),
        event("Pod", "server", "BackOff", "an older one", 300),
      ],
    };
    assert.deepEqual((await watched([seen, seen])).messages, [
      'warn: the pod server in argo is not ready: FailedMount, secret "key" not found',
      "warn: the pod web in argo is not ready: containers with unready status: [main]",
    ]);
  });

  it("shows why a pod cannot be created, and ignores old events", async () => {
    const refused = 'pods "a" is forbidden: violates PodSecurity "restricted:latest"';
    const seen = {
      pods: [],
      events: [
        event("ReplicaSet", "server-1", "FailedCreate", refused),
        event("ReplicaSet", "server-0", "FailedCreate", refused, 600),
        event("Node", "a", "Rebooted", "it was off"),
      ],
    };
    assert.deepEqual((await watched([seen, seen])).messages, [
      `warn: the ReplicaSet server-1 in argo waits: FailedCreate, ${refused}`,
    ]);
  });

  it("is silent if it may not list pods, and sends no requests before the first wait", async () => {
    const { messages, asked } = await watched([{}, {}]);
    assert.deepEqual(messages, []);
    const pods = "/api/v1/namespaces/argo/pods?limit=500";
    assert.deepEqual(asked, [pods, pods]);
    assert.deepEqual((await watched([])).asked, []);
  });
});
