/** What is retried: the messages are those of the kubelet (1.34) and of Argo's controller (4.0). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lostPod, whyLost } from "../../components/builds/programs/lost.ts";
import { retryStrategy } from "../../components/builds/steps/tool.ts";
import { template } from "../support/build-template.ts";

const lost: Readonly<Record<string, string>> = {
  "The node was low on resource: memory. Threshold quantity: 100Mi, available: 5Mi. Container main was using 3Gi, request is 2Gi, has larger consumption of memory. ":
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 5Mi. Container main was using 3Gi, request is 2Gi, has larger consumption of memory.",
  "The node had condition: [DiskPressure]. ": "The node had condition: [DiskPressure].",
  "Pod was rejected: The node had condition: [MemoryPressure]. ":
    "Pod was rejected: The node had condition: [MemoryPressure].",
  "Pod was rejected as the node is shutting down.": "Pod was rejected as the node is shutting down.",
  "Pod was terminated in response to imminent node shutdown.":
    "Pod was terminated in response to imminent node shutdown.",
  "Preempted in order to admit critical pod": "Preempted in order to admit critical pod",
  "main: Error (exit code 137): Running: npm ci\nadded 7":
    "its pod was stopped from outside, as when a node is drained",
  "checkout: Error (exit code 143)": "its pod was stopped from outside, as when a node is drained",
  "pod failed: wait container did not complete successfully": "its node was lost",
  "pod failed: neither main nor wait container completed successfully": "its node was lost",
  "can't find failed message for pod web-1 namespace ci": "its node was lost",
};

/** Failures that would repeat, or were intended. */
const failed = [
  "main: Error (exit code 1): The node was low on resource: memory. ",
  "main: Error (exit code 1): a\nThe node was low on resource: memory. \nmain: Error (exit code 137)",
  "main: OOMKilled (exit code 137)",
  "checkout: Error (exit code 128)",
  "main: Error (exit code 13)",
  "main: Error (exit code 1437)",
  "Pod was active on the node longer than the specified deadline",
  'Usage of EmptyDir volume "workspace" exceeds the limit "10Gi". ',
  'Container main exceeded its local ephemeral storage limit "10Gi". ',
  "Pod ephemeral local storage usage exceeds the total limit of containers 10Gi. ",
  "Stopped with strategy 'Terminate'",
  "",
];

describe("a pod", () => {
  for (const [message, why] of Object.entries(lost)) {
    it(`with Argo's message "${message.split("\n", 1)[0] ?? ""}" is retried, and the reason is reported`, () => {
      assert.match(message, new RegExp(lostPod));
      assert.equal(whyLost(message), why);
    });
  }

  it("whose program failed, or that exceeded a limit, is not retried", () => {
    for (const message of failed) {
      assert.doesNotMatch(message, new RegExp(lostPod));
      assert.equal(whyLost(message), undefined);
    }
  });

  it("of any step is retried twice, after errors of Argo and after these messages", () => {
    // Argo evaluates escapes in the quoted text: there are none.
    assert.doesNotMatch(lostPod, /["\\{}]/);
    assert.deepEqual(retryStrategy, {
      limit: 2,
      retryPolicy: "Always",
      expression: `lastRetry.status == "Error" || lastRetry.message matches "${lostPod}"`,
      backoff: { duration: "5s", factor: 2 },
    });
    for (const one of template().templates)
      if ("container" in one) assert.equal(one.retryStrategy, retryStrategy, one.name);
  });
});
