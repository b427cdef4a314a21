/**
 * Measures the offline preview: processor time and peak memory, as ratios to a program that only loads Pulumi's packages.
 * Machines differ and are shared, so the runs are interleaved and the ratio is the figure to compare.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { median } from "./bench/quantile.ts";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "bench-"));
const rounds = 7;

/** Prints the peak memory, in KiB, and the time, in microseconds, when the measured process ends. */
const reportUsage =
  "data:text/javascript,process.on('exit',()=>{const{maxRSS,userCPUTime:u,systemCPUTime:s}=process.resourceUsage();" +
  "console.error(`maxRSS=${maxRSS} cpu=${u+s}`)})";

const baseline = join(folder, "baseline.mjs");
writeFileSync(
  baseline,
  ["pulumi", "kubernetes", "github", "random"]
    .map((name) => `import ${JSON.stringify(import.meta.resolve(`@pulumi/${name}`))};\n`)
    .join(""),
);

/** As `npm run preview` starts it. */
const preview = previewCommand();

const cases: Readonly<Record<string, readonly string[]>> = {
  "load Pulumi's packages": [baseline],
  "preview develop": [...preview, "develop"],
  "preview publish": [...preview, "publish"],
  "preview of 1,000 repositories": [...preview, "--config", stackOf(1000)],
  "page of 1,000 repositories": [...preview, "--config", stackOf(1000), "--html", join(folder, "page.html")],
};

interface Sample {
  /** CPU time, which other load on the machine affects less than wall-clock time. */
  readonly seconds: number;
  readonly mebibytes: number;
}

function previewCommand(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: { preview: string };
  };
  return scripts.preview.split(" ").slice(1);
}

/** The develop stack with `count` repositories in all. */
function stackOf(count: number): string {
  const file = parse(readFileSync(join(root, "Pulumi.develop.yaml"), "utf8")) as {
    config: { "argo-cicd:projects": { alog: { repositories: unknown[] } } };
  };
  const { repositories } = file.config["argo-cicd:projects"].alog;
  for (let index = 14; index < count; index += 1) repositories.push(`service-${index.toString()}`);
  const target = join(folder, "Pulumi.large.yaml");
  writeFileSync(target, stringify(file));
  return target;
}

function measure(args: readonly string[]): Promise<Sample> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ["--import", reportUsage, ...args], {
      cwd: root,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("close", (code) => {
      const usage = /maxRSS=(\d+) cpu=(\d+)/.exec(errors);
      if (code !== 0 || usage === null) fail(new Error(errors));
      else done({ seconds: Number(usage[2]) / 1e6, mebibytes: Number(usage[1]) / 1024 });
    });
  });
}

const samples = new Map<string, Sample[]>();
for (let round = 0; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(cases)) {
    samples.set(name, [...(samples.get(name) ?? []), await measure(args)]);
  }
}
rmSync(folder, { recursive: true });

const rows = [...samples].map(([name, all]) => ({
  name,
  seconds: median(all.map((one) => one.seconds)),
  mebibytes: median(all.map((one) => one.mebibytes)),
}));
const base = rows[0];
console.log(`median of ${rounds.toString()} runs: processor time, its ratio, peak memory\n`);
for (const { name, seconds, mebibytes } of rows) {
  const ratio = (seconds / (base?.seconds ?? seconds)).toFixed(1);
  console.log(
    `${name.padEnd(30)} ${seconds.toFixed(2).padStart(6)} s  ${ratio.padStart(5)} x  ${mebibytes.toFixed(0).padStart(4)} MiB`,
  );
}
