/**
 * Measures the first `pulumi up` of a stack on an empty cluster, as a ratio to the same by hand: the releases with
 * `helm upgrade --install --wait`, one after another or all at once, then all other objects. Each is complete when
 * deliveries can start builds. Needs what `npm run test:up` needs, and builds Helm once.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serveCharts } from "../test/support/cluster-charts.ts";
import type { OwnSite } from "../test/support/cluster-own.ts";
import { startOwnSite } from "../test/support/cluster-own.ts";
import { stackObjects } from "../test/support/cluster-objects.ts";
import { listening } from "../test/support/cluster-stack.ts";
import { helmRecipe } from "../test/support/cluster-tools.ts";
import { declaredFiles, stackConfig } from "../test/support/declare.ts";
import { startEngine } from "../test/support/engine.ts";
import { goTool } from "../test/support/go-tools.ts";
import { median } from "./bench/quantile.ts";
import type { Release } from "./charts/releases.ts";
import { readReleases } from "./charts/releases.ts";

const stack = process.argv[2] ?? "publish";
const rounds = 3;

const helm = await goTool("helm", helmRecipe);

/** Installs the stack. @returns seconds */
type Way = (site: OwnSite) => Promise<number>;

const repository = await serveCharts();
const config = stackConfig(stack);
const releases = [...readReleases(await declaredFiles(config, stack)).values()];
const objects = await stackObjects(config, stack);
const namespaces = objects.filter(({ kind }) => kind === "Namespace");
const rest = objects.filter(({ kind }) => kind !== "Namespace");

const ways: Readonly<Record<string, Way>> = {
  "by hand, one release after another": (site) =>
    byHand(site, async () => {
      for (const release of releases) await install(site, release);
    }),
  "by hand, all releases at once": (site) =>
    byHand(site, () => Promise.all(releases.map((release) => install(site, release)))),
  "pulumi up": async (site) => {
    const { kubeconfig, folder } = site;
    const engine = await startEngine(stack, { kubeconfig, folder });
    try {
      return await timed(async () => {
        await engine.up();
        await listening(site.api, objects);
      });
    } finally {
      engine.close();
    }
  },
};

function byHand({ api }: OwnSite, installReleases: () => Promise<unknown>): Promise<number> {
  return timed(async () => {
    for (const one of namespaces) await api.apply(one);
    await installReleases();
    for (const one of rest) await api.apply(one);
    await listening(api, objects);
  });
}

function install({ kubeconfig, folder }: OwnSite, release: Release): Promise<void> {
  const { name, namespace, chart, version, values, skipCrds } = release;
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(values));
  const child = spawn(
    helm,
    [
      ...["upgrade", "--install", name, chart, "--repo", repository.url, "--version", version],
      ...["--namespace", namespace, "--create-namespace", "--values", file, "--wait", "--timeout", "15m"],
      ...(skipCrds ? ["--skip-crds"] : []),
    ],
    { env: { KUBECONFIG: kubeconfig, HOME: folder }, stdio: ["ignore", "ignore", "inherit"] },
  );
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (status) => {
      if (status === 0) done();
      else fail(new Error(`helm has failed to install ${name}`));
    });
  });
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

const times = new Map<string, number[]>();
for (let round = 0; round < rounds; round += 1)
  for (const [name, way] of Object.entries(ways)) {
    const site = await startOwnSite({ withArgoCd: true });
    try {
      times.set(name, [...(times.get(name) ?? []), await way(site)]);
    } finally {
      await site.close();
    }
  }
repository.close();

const of = (name: string) => median(times.get(name) ?? []);
console.log(`the stack ${stack} on an empty cluster, median of ${rounds.toString()}, and ratios to \`up\``);
for (const [name, seconds] of times) {
  const all = seconds.map((one) => one.toFixed(0)).join(", ");
  const ratio = (of("pulumi up") / of(name)).toFixed(2);
  console.log(`${name.padEnd(36)} ${of(name).toFixed(0).padStart(4)} s  ${ratio} x  (${all})`);
}
