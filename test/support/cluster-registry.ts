/** A registry of images beside the cluster, and what can be read from it. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Machine } from "./cluster-machine.ts";
import { until } from "./cluster-wait.ts";

/** An image in the registry. */
export interface RegistryImage {
  readonly digest: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The text of a file; undefined if no layer has it. */
  readonly read: (path: string) => Promise<string | undefined>;
}

export interface Registry {
  /** Stops it. Its images stay. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

/** Starts Debian's registry, which requires no login and speaks plain HTTP. */
export async function startRegistry(machine: Machine, host: string): Promise<Registry> {
  const file = join(machine.folder, "registry.yml");
  const config = {
    version: 0.1,
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(machine.folder, "registry") } },
    http: { addr: host },
  };
  writeFileSync(file, stringify(config));
  const start = async () => {
    machine.start("registry", "docker-registry", ["serve", file]);
    await registryReady(`http://${host}`);
  };
  await start();
  const stop = async () => {
    await machine.run("pkill", ["-f", "^docker-registry serve"]);
  };
  return { start, stop };
}

export async function registryReady(url: string): Promise<void> {
  await until("the registry answers", async () => (await fetch(`${url}/v2/`)).ok);
}

/**
 * The image under a tag; undefined if there is none.
 *
 * @param url of the registry for the test
 */
export async function imageAt(url: string, name: string, tag: string): Promise<RegistryImage | undefined> {
  const base = `${url}/v2/${name}`;
  const accept = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
  ].join(", ");
  const answer = await fetch(`${base}/manifests/${tag}`, { headers: { accept } });
  if (answer.status === 404) return undefined;
  const manifest = (await answer.json()) as { config: { digest: string }; layers: { digest: string }[] };
  const blob = (digest: string) => fetch(`${base}/blobs/${digest}`);
  const { config } = (await (await blob(manifest.config.digest)).json()) as {
    config: { Labels?: Record<string, string> };
  };
  const read = async (path: string) => {
    for (const { digest } of manifest.layers.toReversed()) {
      const text = fileIn(Buffer.from(await (await blob(digest)).arrayBuffer()), path);
      if (text !== undefined) return text;
    }
    return undefined;
  };
  return { digest: answer.headers.get("docker-content-digest") ?? "", labels: config.Labels ?? {}, read };
}

function fileIn(layer: Buffer, path: string): string | undefined {
  try {
    return execFileSync("tar", ["-xzO", path], {
      input: layer,
      stdio: ["pipe", "pipe", "ignore"],
    }).toString();
  } catch {
    // The layer does not have it.
    return undefined;
  }
}
