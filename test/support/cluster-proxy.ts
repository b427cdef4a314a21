/** Access to a cluster by whatever its kubeconfig says: `kubectl proxy` logs in, and here plain HTTP is spoken. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { clusterTool } from "./cluster-tools.ts";

export interface Proxy {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Lives as long as standard input stays open, and so ends with the test, in whatever way that ends. */
const script = '"$@" & exec >/dev/null 2>&1; cat; kill $!';

export async function startProxy(kubeconfig: string): Promise<Proxy> {
  const kubectl = await clusterTool("kubectl");
  const args = [kubectl, "--kubeconfig", kubeconfig, "proxy", "--port=0"];
  // In a session of its own: an interrupt from the keyboard is for the test.
  const child = spawn("sh", ["-c", script, "proxy", ...args], { detached: true });
  const close = async () => {
    const closed = once(child, "close");
    child.stdin.end();
    await closed;
  };
  try {
    return { url: `http://${await addressOf(child)}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function addressOf({ stdout, stderr }: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let output = "";
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const address = /Starting to serve on (\S+)/.exec(output)?.[1];
      if (address !== undefined) done(address);
    };
    stdout?.on("data", read);
    stderr?.on("data", read);
    stdout?.on("end", () => fail(new Error(`CLUSTER_KUBECONFIG: ${output.trim()}`)));
  });
}
