import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { watch } from "../components/watch/watch.ts";
import { now } from "./support/doctor.ts";
import { conditions, later, list, pod } from "./support/doctor-cluster.ts";

interface Seen {
  readonly pods?: readonly object[];
  readonly events?: readonly object[];
}

/** What `up` says of a namespace that is seen so, look by look, and what it has asked for. */
async function watched(looks: readonly Seen[], answers: Readonly<Record<string, string>> = {}) {
  const said: string[] = [];
  const asked: string[] = [];
  let index = -1;
  await watch(["argo"], {
    read: (path) => {
      asked.push(path);
      const seen = looks[index] ?? {};
      const [, what = ""] = /^\/api\/v1\/namespaces\/argo\/(pods|events)\?.*limit=500$/.exec(path) ?? [];
      const items = what === "pods" ? seen.pods : seen.events;
      return Promise.resolve(items === undefined ? answers[path] : JSON.stringify(list(...items)));
    },
    say: (level, text) => said.push(`${level}: ${text}`),
    wait: () => Promise.resolve(++index < looks.length),
    now: () => now,
  });
  return { said, asked };
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
  it("says once which pod waits and why, and says it when that is over", async () => {
    const { said } = await watched([
      { pods: [pod("server", image)] },
      { pods: [pod("server", image), pod("other", ready)] },
      { pods: [pod("server", image)] },
      { pods: [pod("server", ready)] },
      { pods: [pod("server", ready)] },
    ]);
    assert.deepEqual(said, [
      'warn: the pod server in argo waits: ImagePullBackOff, Back-off pulling image "quay.io/argo:v9"',
      "info: the pod server in argo is ready now",
    ]);
  });

  it("says nothing of what is over by the next look, is young, or is to end", async () => {
    const starting = pod("starting", { phase: "Pending" }, { seconds: 30 });
    const { metadata, ...rest } = pod("leaving", unready);
    const leaving = { ...rest, metadata: { ...metadata, deletionTimestamp: now.toISOString() } };
    const { said } = await watched([
      { pods: [pod("server", image), starting, leaving] },
      { pods: [pod("server", ready), starting, leaving] },
    ]);
    assert.deepEqual(said, []);
  });

  it("gives the last line of a container that crashes", async () => {
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
    assert.deepEqual((await watched([seen, seen], answer)).said, [
      "warn: the pod server in argo waits: CrashLoopBackOff, back-off 10s; the last line of main: fatal: no such[31m key",
    ]);
    assert.deepEqual((await watched([seen, seen])).said, [
      "warn: the pod server in argo waits: CrashLoopBackOff, back-off 10s",
    ]);
  });

  it("says of a pod without a node why there is none", async () => {
    const message = "pod has unbound immediate PersistentVolumeClaims";
    const seen = {
      pods: [pod("bus", { phase: "Pending", ...conditions(["PodScheduled", "False", message]).status })],
      events: [
        event("PersistentVolumeClaim", "data-bus", "ProvisioningFailed", 'storageclass "fast" not found'),
      ],
    };
    assert.deepEqual((await watched([seen, seen])).said, [
      `warn: the pod bus in argo has no node: ${message}`,
      'warn: the PersistentVolumeClaim data-bus in argo waits: ProvisioningFailed, storageclass "fast" not found',
    ]);
  });

  it("takes the newest event for the cause where the pod has none", async () => {
    const seen = {
      pods: [identified("server", unready), identified("web", unready)],
      events: [
        event("Pod", "server", "FailedMount", 'secret "key" not found', 20),
        event("Pod", "server", "BackOff", "an older one", 300),
      ],
    };
    assert.deepEqual((await watched([seen, seen])).said, [
      'warn: the pod server in argo is not ready: FailedMount, secret "key" not found',
      "warn: the pod web in argo is not ready: containers with unready status: [main]",
    ]);
  });

  it("says what keeps a pod from being made, and not what did so earlier", async () => {
    const refused = 'pods "a" is forbidden: violates PodSecurity "restricted:latest"';
    const seen = {
      pods: [],
      events: [
        event("ReplicaSet", "server-1", "FailedCreate", refused),
        event("ReplicaSet", "server-0", "FailedCreate", refused, 600),
        event("Node", "a", "Rebooted", "it was off"),
      ],
    };
    assert.deepEqual((await watched([seen, seen])).said, [
      `warn: the ReplicaSet server-1 in argo waits: FailedCreate, ${refused}`,
    ]);
  });

  it("is silent where it may not look, and asks nothing before the first wait", async () => {
    const { said, asked } = await watched([{}, {}]);
    assert.deepEqual(said, []);
    const pods = "/api/v1/namespaces/argo/pods?limit=500";
    assert.deepEqual(asked, [pods, pods]);
    assert.deepEqual((await watched([])).asked, []);
  });
});
