/**
 * Measures the time and the peak memory of a check for lost pushes of 500 repositories, with servers that answer after
 * a tenth of a second. The minute after which it checks again what seems lost is not included.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBuilds } from "../components/builds/programs/declared.ts";
import { startHttpServer } from "../test/support/http-server.ts";
import { buildOf } from "../test/support/catch-up.ts";

const repositories = 500;
const delay = 100;
const program = join(import.meta.dirname, "../components/builds/programs/catch-up.ts");
const folder = mkdtempSync(join(tmpdir(), "bench-"));

/** The commit of a repository. */
const commitOf = (name: string) => createHash("sha1").update(name).digest("hex");

let isPublished = true;
let requests = 0;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? "";
  const [, name = ""] = /(service-[0-9]+)/.exec(path) ?? [];
  requests += 1;
  setTimeout(() => {
    if (path.startsWith("/token")) response.end('{"token":"t"}');
    else if (path.includes("/info/refs")) response.end("000eversion 2\n0000");
    else if (path.endsWith("/git-upload-pack")) response.end(packet(`${commitOf(name)} refs/heads/main\n`));
    else if (path.startsWith("/v2/")) answerRegistry(request, response);
    else if (path.startsWith("/repos/")) response.end('{"message":"a change","statuses":[]}');
    else if (request.method === "POST") response.writeHead(201).end("{}");
    else response.end('{"items":[]}');
  }, delay);
}

function answerRegistry({ headers }: IncomingMessage, response: ServerResponse): void {
  const challenge = `Bearer realm="${server.url}/token",service="registry"`;
  if (headers.authorization === undefined) response.writeHead(401, { "www-authenticate": challenge }).end();
  else if (isPublished) response.writeHead(200, { "docker-content-digest": "sha256:1" }).end();
  else response.writeHead(404).end();
}

function packet(text: string): string {
  return `${(text.length + 4).toString(16).padStart(4, "0")}${text}0000`;
}

const reportUsage =
  "data:text/javascript,process.on('exit',()=>{const{maxRSS,userCPUTime:u,systemCPUTime:s}=process.resourceUsage();" +
  "console.error(`memory ${Math.round(maxRSS/1024)} MiB, processor ${((u+s)/1e6).toFixed(1)} s`)})";

function variables(): Record<string, string> {
  mkdirSync(join(folder, "account"), { recursive: true });
  for (const file of ["account/token", "account/ca.crt", "github", "updater"])
    writeFileSync(join(folder, file), "");
  const builds = Array.from({ length: repositories }, (_, index) => {
    const name = `service-${index.toString()}`;
    const followed = { image: `team/${name}`, tag: "main", applications: [name] };
    return { ...buildOf(name, server.url), followed };
  });
  writeFileSync(join(folder, "builds.json"), writeBuilds(builds));
  return {
    ...{ BUILDS: join(folder, "builds.json"), CLONE_TOKENS: folder, TOKEN_FILE: join(folder, "github") },
    ...{ ACCOUNT: join(folder, "account"), KUBERNETES_API: server.url, GITHUB_API: server.url },
    ...{ REGISTRY: new URL(server.url).host, INSECURE: "true", DOCKER_CONFIG: folder },
    ...{ APPLICATIONS_NAMESPACE: "argocd", UPDATER: server.url, UPDATER_TOKEN_FILE: join(folder, "updater") },
    ...{ GIT_TAGS: "", SETTLE: "0", STRANDED: "120", NAMESPACE: "ci", RESULTS: folder },
  };
}

async function measure(what: string): Promise<void> {
  requests = 0;
  const env = variables();
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", reportUsage, program], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  for await (const chunk of child.stderr) output += String(chunk);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const usage = output.split("\n").find((line) => line.startsWith("memory ")) ?? "";
  console.log(`${what.padEnd(24)} ${seconds.padStart(6)} s, ${requests.toString()} requests, ${usage}`);
  console.log(`  started: ${readFileSync(join(folder, "started"), "utf8")}`);
}

/** Stands in for all servers. */
const server = await startHttpServer(answer);
console.log(`a check of ${repositories.toString()} repositories, ${delay.toString()} ms for each answer\n`);
await measure("nothing is lost");
isPublished = false;
await measure("everything is lost");
server.close();
rmSync(folder, { recursive: true });
