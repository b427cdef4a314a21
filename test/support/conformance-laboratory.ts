/** Where the conformance tests build: a registry with a base image, and a builder. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { images } from "../../components/builds/images.ts";
import { clusterTool } from "./cluster-tools.ts";
import type { Laboratory } from "./conformance.ts";
import { startBuildkit } from "./conformance-buildkit.ts";
import type { Image } from "./images.ts";
import { kanikoImage, makeArchive } from "./images.ts";
import { runContainer } from "./pod-container.ts";
import { startLocalRegistry } from "./registry.ts";

/** The programs of a builder: files of this machine. */
export type BuilderPrograms =
  | { readonly builder: "kaniko"; readonly executor: string }
  | { readonly builder: "buildkit"; readonly buildkitd: string; readonly buildctl: string };

/** @param folder an empty one */
export async function openLaboratory(
  programs: BuilderPrograms,
  folder: string,
): Promise<Laboratory & { readonly close: () => void }> {
  const crane = await clusterTool("crane");
  const registry = await startLocalRegistry(join(folder, "registry"));
  const { host } = registry;
  for (const image of [baseImage(`${host}/base:1`), volumeImage(`${host}/volumed:1`)]) {
    const archive = makeArchive(image, folder);
    execFileSync(crane, ["push", "--insecure", archive, image.names[0]], { stdio: "pipe" });
  }
  pushMany(crane, host);
  if (programs.builder === "kaniko") {
    const run = kanikoRunner(programs.executor, folder);
    return { folder, host, crane, builder: "kaniko", run, close: () => registry.close() };
  }
  const buildkit = await startBuildkit(programs, folder);
  const close = () => {
    buildkit.close();
    registry.close();
  };
  return { folder, host, crane, builder: "buildkit", run: buildkit.run, close };
}

/** Kaniko in its image, with the rights that a stack gives it. */
function kanikoRunner(executor: string, folder: string): Laboratory["run"] {
  const image = kanikoImage(images.kaniko, executor);
  return async (container, folders) => {
    const bundle = mkdtempSync(join(folder, "kaniko-"));
    const outcome = await runContainer(container, image, folders, bundle);
    rmSync(bundle, { recursive: true });
    return outcome;
  };
}

const busybox = "/bin/busybox";

/** What BASE stands for. */
export function baseImage(name: string): Image {
  const tools = execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n");
  const links = tools
    .filter((tool) => tool !== "busybox")
    .map((tool) => [`/bin/${tool}`, "busybox"] as const);
  return {
    names: [name],
    files: { "/bin/busybox": busybox },
    // /var/run as Debian and Alpine have it.
    links: { ...Object.fromEntries(links), "/var/run": "/run" },
    texts: {
      "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n",
      "/etc/group": "root:x:0:\napp:x:1000:\nweb:x:2000:\n",
      "/etc/removed": "by a case\n",
    },
    folders: ["/tmp", "/root", "/home/app", "/run", "/var"],
  };
}

/** What MANY stands for: BASE, and the same for another architecture. */
function pushMany(crane: string, host: string): void {
  const run = (...args: string[]) => execFileSync(crane, args, { stdio: "pipe" });
  const [base, other] = [`${host}/base:1`, `${host}/other:1`];
  run("mutate", base, "--set-platform", "linux/s390x", "--tag", other);
  run("index", "append", "--manifest", base, "--manifest", other, "--tag", `${host}/many:1`);
}

/** What VOLUMED stands for: BASE with a volume. */
function volumeImage(name: string): Image {
  return { ...baseImage(name), volume: "/data" };
}
