/**
 * Stands between a builder and registries, each at a port of this pod alone, and knows the logins, which the builder does not:
 * what a Dockerfile runs could read them there. It lets through what registry-rules.ts allows.
 *
 * REGISTRIES           the hosts, separated by spaces, the first at the port FIRST_PORT and each other at the next
 * INSECURE_REGISTRIES  those of them that speak plain HTTP, separated by spaces
 * FIRST_PORT           a port of this pod
 * IMAGE_REGISTRY       the host of the image's registry
 * IMAGE_PATH           the image, without its host and tag
 * COMMIT_TAG           the tag of a commit's image, in which {sha7} stands for the commit's first 7 characters
 * CACHE_REGISTRY       the host of the layer cache's registry
 * CACHE_PATH           the cache, without its host; empty where there is none
 * DOCKER_CONFIG        folder with config.json, which has the logins; there may be none
 * RESULTS              folder with the output of tip.sh, commit, and for the output:
 *   registries         those that it serves, once it does
 *   digest             of the image, once it is pushed
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
type Given = Variables<(typeof variables)[number]>;

if (import.meta.main) await runProgram(() => serve(readVariables(variables)));

/** Serves until the pod's other containers have ended. */
async function serve(given: Given): Promise<boolean> {
  const own = writable(given);
  const insecure = words(given.INSECURE_REGISTRIES);
  const relays = words(given.REGISTRIES).map((host) => {
    const access = new RegistryAccess({
      host,
      insecure: insecure.includes(host),
      configFolder: given.DOCKER_CONFIG,
    });
    return new Relay(host, access, own, (digest) => writeResult(given.RESULTS, "digest", digest));
  });
  for (const [index, relay] of relays.entries()) await listen(relay, Number(given.FIRST_PORT) + index);
  writeResult(given.RESULTS, "registries", given.REGISTRIES);
  await once(process, "SIGTERM");
  return true;
}

function writable(given: Given): Writable {
  const sha7 = readResult(given.RESULTS, "commit").slice(0, 7);
  const { CACHE_REGISTRY: host, CACHE_PATH: path } = given;
  return {
    host: given.IMAGE_REGISTRY,
    image: given.IMAGE_PATH,
    tag: given.COMMIT_TAG.replaceAll("{sha7}", sha7),
    cache: path === "" ? undefined : { host, path },
  };
}

/** For this pod alone: others have no part in its logins. */
function listen(relay: Relay, port: number): Promise<void> {
  const server = createServer((request, response) => void handle(relay, request, response));
  keepOpen(server);
  return new Promise((done, fail) => {
    server.on("error", fail);
    server.listen(port, "127.0.0.1", done);
  });
}

/** A layer takes as long as it takes, and a client may ask again after a pause. */
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
