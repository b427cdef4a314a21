/**
 * Measures builds on a real node, as ratios within one run: checkout, cold and warm build, and what the steps around
 * the builder add. Needs what `npm run test:cluster` needs.
 */
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBuildCluster } from "../test/support/cluster-stack.ts";
import { branchOf, namespace, owner, workflow } from "../test/support/cluster-trigger.ts";
import { until } from "../test/support/cluster-wait.ts";
import { freePort } from "../test/support/free-port.ts";
import { median } from "./bench/quantile.ts";

const rounds = 3;
const folder = mkdtempSync(join(tmpdir(), "bench-builds-"));

function row(name: string, seconds: number, base: number): void {
  console.log(
    `${name.padEnd(52)} ${seconds.toFixed(2).padStart(6)} s  ${(seconds / base).toFixed(2).padStart(6)} x`,
  );
}

function timed(run: () => void): number {
  const started = performance.now();
  run();
  return (performance.now() - started) / 1000;
}

/** Writes a history into a repository with one command. */
function history(work: string, commits: number): void {
  const stream = Array.from({ length: commits }, (_, index) => {
    const text = `line ${index.toString()}\n`.repeat(50);
    const file = `file-${(index % 500).toString()}`;
    const when = `bench <bench@example.com> ${(1_700_000_000 + index).toString()} +0000`;
    return `commit refs/heads/main\ncommitter ${when}\ndata 1\nx\nM 100644 inline ${file}\ndata ${text.length.toString()}\n${text}\n`;
  }).join("");
  execFileSync("git", ["-C", work, "fast-import", "--quiet"], { input: stream });
}

async function checkout(): Promise<void> {
  // The server runs in a process of its own, since this one waits for git.
  const bare = join(folder, "a/service.git");
  mkdirSync(bare, { recursive: true });
  execFileSync("git", ["-C", bare, "init", "--quiet", "--bare", "--initial-branch=main"]);
  history(bare, 10_000);
  const commit = execFileSync("git", ["-C", bare, "rev-parse", "main"], { encoding: "utf8" }).trim();
  const daemon = await startDaemon();
  const script = join(import.meta.dirname, "../components/builds/programs/checkout.sh");
  const times = { clone: [] as number[], checkout: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const [clone, workspace, results] = ["clone", "workspace", "results"].map((name) =>
      join(folder, `${name}-${round.toString()}`),
    ) as [string, string, string];
    mkdirSync(workspace);
    mkdirSync(results);
    writeFileSync(join(results, "commit"), commit);
    const url = `${daemon.url}/a/service.git`;
    times.clone.push(timed(() => execFileSync("git", ["clone", "--quiet", url, clone])));
    const env = { PATH: process.env["PATH"], HOME: folder, REPOSITORY_URL: url, RESULTS: results };
    times.checkout.push(timed(() => execFileSync("sh", [script], { cwd: workspace, env })));
  }
  daemon.close();
  console.log(`\na repository with 10,000 commits, median of ${rounds.toString()}`);
  row("git clone", median(times.clone), median(times.clone));
  row("checkout.sh", median(times.checkout), median(times.clone));
}

/** `git daemon` on loopback. */
async function startDaemon() {
  const port = (await freePort()).toString();
  const args = ["daemon", "--export-all", `--base-path=${folder}`, "--listen=127.0.0.1", `--port=${port}`];
  const daemon = spawn("git", ["-c", "uploadpack.allowAnySHA1InWant=true", ...args], {
    stdio: "ignore",
    detached: true,
  });
  const url = `git://127.0.0.1:${port}`;
  await until(
    "git daemon answers",
    () => execFileSync("git", ["ls-remote", `${url}/a/service.git`], { stdio: "pipe" }).length > 0,
  );
  return { url, close: () => process.kill(-(daemon.pid ?? 0)) };
}

async function builds(): Promise<void> {
  const cluster = await startBuildCluster("develop", { withArgoCd: true });
  const repository = "alog-service-auth";
  const slug = `${owner}/${repository}`;
  try {
    const commit = (files: Record<string, string>) => cluster.git.commit(slug, branchOf(repository), files);
    const run = async (parameters: Record<string, string>, entrypoint = "pipeline") => {
      const name = `${repository}-${randomUUID().slice(0, 8)}`;
      const list = Object.entries(parameters).map(([key, value]) => ({ name: key, value }));
      const started = performance.now();
      await cluster.api.apply({
        apiVersion: workflow[0],
        kind: workflow[1],
        metadata: { name, namespace },
        spec: { entrypoint, workflowTemplateRef: { name: repository }, arguments: { parameters: list } },
      });
      let builder = 0;
      const status = await until(
        `${name} has ended`,
        async () => {
          for (const pod of await cluster.api.list("v1", "Pod", namespace)) {
            if (pod.metadata.name.includes("-build-"))
              builder = Math.max(builder, mainSeconds(pod["status"]));
          }
          const one = await cluster.api.get(...workflow, name, namespace);
          const { phase = "" } = (one["status"] ?? {}) as { phase?: string };
          return ["Succeeded", "Failed", "Error"].includes(phase) ? phase : undefined;
        },
        300,
      );
      if (status !== "Succeeded") throw new Error(`${name} ended with ${status}`);
      return { whole: (performance.now() - started) / 1000, builder };
    };
    const dockerfile = `FROM ${cluster.baseImage}\nRUN sleep 30; cat /proc/sys/kernel/random/uuid > /dependency\nCOPY source /source\n`;
    commit({ Dockerfile: dockerfile, source: "one\n" });
    const cold = await run({});
    commit({ source: "two\n" });
    const warm = await run({});
    const reused = await run({});
    commit({ source: "three\n" });
    const alone = await run({}, "build");
    console.log("\na Dockerfile with a RUN of 30 seconds before its source");
    row("cold: Kaniko alone", cold.builder, cold.builder);
    row("warm, source changed: Kaniko alone", warm.builder, cold.builder);
    row("cold: the whole run", cold.whole, cold.whole);
    row("warm, source changed: the whole run", warm.whole, cold.whole);
    row("the same commit again: the whole run", reused.whole, cold.whole);
    row("warm, source changed: a run of the build step alone", alone.whole, cold.whole);
    console.log(`\nthe warm run, without Kaniko: ${(warm.whole - warm.builder).toFixed(1)} s`);
    console.log(
      `the warm run, beyond a run of the build step alone: ${(warm.whole - alone.whole).toFixed(1)} s`,
    );
  } finally {
    await cluster.close();
  }
}

/** Whole seconds, as the kubelet writes them. */
function mainSeconds(status: unknown): number {
  const { containerStatuses = [] } = status as {
    containerStatuses?: { name: string; state: { terminated?: { startedAt: string; finishedAt: string } } }[];
  };
  const { terminated } = containerStatuses.find(({ name }) => name === "main")?.state ?? {};
  return terminated === undefined
    ? 0
    : (Date.parse(terminated.finishedAt) - Date.parse(terminated.startedAt)) / 1000;
}

try {
  await checkout();
  await builds();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
