/** Access to a cluster with any kubeconfig: `kubectl proxy` logs in, and its clients use plain HTTP. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { clusterTool } from "./cluster-tools.ts";

export interface Proxy {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Runs until standard input is closed, and so ends with the test, however that ends. */
const script = '"$@" & exec >/dev/null 2>&1; cat; kill $!';

export async function startProxy(kubeconfig: string): Promise<Proxy> {
  const kubectl = await clusterTool("kubectl");
  const args = [kubectl, "--kubeconfig", kubeconfig, "proxy", "--port=0"];
  // In its own session: an interrupt from the keyboard is for the test.
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
