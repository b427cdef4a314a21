/** The proxy that holds a build's logins, as it runs beside a builder of `team/web` at a commit. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./cluster-wait.ts";
import { programsFolder, startProgram } from "./script.ts";

export interface RegistryProxy {
  readonly program: ChildProcess;
  /** Host and port of the proxy for the first registry. */
  readonly host: string;
  /** Folder of its results. */
  readonly results: string;
}

interface Given {
  /** For its files. */
  readonly folder: string;
  /** Hosts. The first has the images, and requires the login. */
  readonly registries: readonly [string, ...string[]];
  /** Those of them that speak plain HTTP. */
  readonly insecure: readonly string[];
  readonly login: { readonly username: string; readonly password: string };
  readonly port: number;
  readonly variables?: Readonly<Record<string, string>>;
}

/** It lets a build write the tag `main-1a2b3c4`, and the cache `team/web-cache`. */
export async function startRegistryProxy(given: Given): Promise<RegistryProxy> {
  const { folder, registries, insecure, login, port, variables } = given;
  const [own] = registries;
  const results = join(folder, "results");
  mkdirSync(results);
  writeFileSync(join(results, "commit"), "1a2b3c4d".repeat(5));
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [own]: login } }));
  const program = startProgram(programsFolder, "registry-proxy.ts", {
    REGISTRIES: registries.join(" "),
    INSECURE_REGISTRIES: insecure.join(" "),
    FIRST_PORT: port.toString(),
    IMAGE_REGISTRY: own,
    IMAGE_PATH: "team/web",
    COMMIT_TAG: "main-{sha7}",
    CACHE_REGISTRY: own,
    CACHE_PATH: "team/web-cache",
    DOCKER_CONFIG: folder,
    RESULTS: results,
    ...variables,
  });
  const host = `127.0.0.1:${port.toString()}`;
  try {
    await until("the proxy answers", async () => (await fetch(`http://${host}/v2/`)).ok);
  } catch (error) {
    program.kill("SIGKILL");
    throw error;
  }
  return { program, host, results };
}
