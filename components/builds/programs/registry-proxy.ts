/**
 * Proxies a builder's requests to registries, each on its own port, reachable only from this pod. Only the proxy has
 * the logins: commands of a Dockerfile could read them in the builder. It allows the requests that registry-rules.ts
 * permits.
 *
 * REGISTRIES           hosts, separated by spaces: the first is served on FIRST_PORT, the others on the following ports
 * INSECURE_REGISTRIES  those of them that use plain HTTP, separated by spaces
 * FIRST_PORT           port of the first registry
 * IMAGE_REGISTRY       host of the image's registry
 * IMAGE_PATH           image without host and tag
 * COMMIT_TAG           tag of a commit's image, in which {sha7} is replaced by the commit's first 7 characters
 * CACHE_REGISTRY       host of the layer cache's registry
 * CACHE_PATH           cache without host; empty without a cache
 * DOCKER_CONFIG        folder with config.json, which has the logins; the file may be missing
 * RESULTS              folder with the output `commit` of tip.sh, and for the outputs:
 *   registries         the served registries, written once all are served
 *   digest             digest of the image, written once it is pushed
 */
import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { Variables } from "./environment.ts";
import { readResult, readVariables, writeResult } from "./environment.ts";
import { messageOf, runProgram } from "./program.ts";
import { RegistryAccess } from "./registry-access.ts";
import { Relay, refuse } from "./registry-relay.ts";
import type { Writable } from "./registry-rules.ts";
import { words } from "./text.ts";

export const variables = [
  "REGISTRIES",
  "INSECURE_REGISTRIES",
  "FIRST_PORT",
  "IMAGE_REGISTRY",
  "IMAGE_PATH",
  "COMMIT_TAG",
  "CACHE_REGISTRY",
  "CACHE_PATH",
  "DOCKER_CONFIG",
  "RESULTS",
] as const;
type Env = Variables<(typeof variables)[number]>;

if (import.meta.main) await runProgram(() => serve(readVariables(variables)));

/** Serves until the kubelet stops it, after the pod's other containers have ended. */
async function serve(env: Env): Promise<boolean> {
  const own = writable(env);
  const insecure = words(env.INSECURE_REGISTRIES);
  const relays = words(env.REGISTRIES).map((host) => {
    const access = new RegistryAccess({
      host,
      insecure: insecure.includes(host),
      configFolder: env.DOCKER_CONFIG,
    });
    return new Relay(host, access, own, (digest) => writeResult(env.RESULTS, "digest", digest));
  });
  for (const [index, relay] of relays.entries()) await listen(relay, Number(env.FIRST_PORT) + index);
  writeResult(env.RESULTS, "registries", env.REGISTRIES);
  await once(process, "SIGTERM");
  return true;
}

function writable(env: Env): Writable {
  const sha7 = readResult(env.RESULTS, "commit").slice(0, 7);
  const { CACHE_REGISTRY: host, CACHE_PATH: path } = env;
  return {
    host: env.IMAGE_REGISTRY,
    image: env.IMAGE_PATH,
    tag: env.COMMIT_TAG.replaceAll("{sha7}", sha7),
    cache: path === "" ? undefined : { host, path },
  };
}

/** Listens on loopback only, so that other pods cannot use the logins. */
function listen(relay: Relay, port: number): Promise<void> {
  const server = createServer((request, response) => void handle(relay, request, response));
  keepOpen(server);
  return new Promise((done, fail) => {
    server.on("error", fail);
    server.listen(port, "127.0.0.1", done);
  });
}

/** Pushing a layer may take long, and clients reuse connections after a pause. */
function keepOpen(server: Server): void {
  server.requestTimeout = 0;
  server.keepAliveTimeout = 120_000;
}

async function handle(relay: Relay, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await relay.answer(request, response);
  } catch (error) {
    refuse(response, 502, "UNAVAILABLE", messageOf(error));
  }
}
