/**
 * Cleans up the cluster of CLUSTER_KUBECONFIG when standard input ends, and prints what it could not remove.
 *
 * A test starts it before creating anything: its input ends with the test, however that ends. Run by hand, it removes
 * what is left of a run whose computer went down.
 */
import { text } from "node:stream/consumers";
import { ClusterApi } from "./cluster-api.ts";
import { cleanUp } from "./cluster-clean.ts";
import { existing, requireKubeconfig } from "./cluster-environment.ts";
import { startProxy } from "./cluster-proxy.ts";

if (existing === undefined)
  throw new Error("CLUSTER_KUBECONFIG is not set: the kubeconfig of the cluster to clean up.");
requireKubeconfig(existing);
const isByHand = process.stdin.isTTY;
const goodbye = isByHand ? "" : await text(process.stdin).catch(() => "");
const isInterrupted = !isByHand && goodbye === "";
if (isInterrupted) console.error("The test was interrupted: removing what it has created in the cluster ...");
const proxy = await startProxy(existing.kubeconfig);
try {
  const left = await persistently(new ClusterApi(proxy.url));
  // Unlike a write to the stream, this does not fail if nobody reads it any more.
  for (const line of left) console.log(line);
  process.exitCode = left.length === 0 ? 0 : 1;
  if (isInterrupted && left.length === 0) console.error("The cluster is clean.");
} finally {
  await proxy.close();
}

/** A busy cluster may refuse a step. */
async function persistently(api: ClusterApi, times = 3): Promise<string[]> {
  let left: string[] = [];
  for (let time = 0; time < times; time++) {
    left = await cleanUp(api).catch((error: unknown) => [String(error)]);
    if (left.length === 0) break;
  }
  return left;
}
