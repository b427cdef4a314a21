/** BuildKit as the other builder of the conformance tests. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildFolder } from "../../components/builds/builders/builder.ts";
import { startInBackground } from "./background-program.ts";
import type { Laboratory } from "./conformance.ts";
import type { Outcome } from "./pod-container.ts";

/** Starts a daemon; the runner calls its client as a stack does. */
export async function startBuildkit(
  programs: { readonly buildkitd: string; readonly buildctl: string },
  folder: string,
): Promise<{ readonly run: Laboratory["run"]; readonly close: () => void }> {
  const address = `unix://${join(folder, "buildkit.sock")}`;
  const args = [
    ...["--addr", address, "--root", join(folder, "buildkit")],
    ...["--oci-worker-net=host", "--oci-worker-snapshotter=native", "--containerd-worker=false"],
  ];
  const { stop } = await startInBackground(programs.buildkitd, args, {
    answers: async () => {
      const { status } = await call(programs.buildctl, ["--addr", address, "debug", "workers"]);
      return status === 0;
    },
    // It ends the processes of its builds.
    stopSignal: "SIGTERM",
  });
  const run: Laboratory["run"] = ({ args = [] }, folders) => {
    const commit = readFileSync(join(folders["results"] ?? "", "commit"), "utf8");
    const own = args.map((text) =>
      text
        .replaceAll(`${buildFolder}/workspace`, folders["workspace"] ?? "")
        .replaceAll(`${buildFolder}/secrets`, folders["build-secrets"] ?? "")
        .replaceAll("{sha7}", commit.slice(0, 7)),
    );
    return call(programs.buildctl, ["--addr", address, ...own]);
  };
  return { run, close: stop };
}

function call(program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const log: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => log.push(chunk));
    child.on("error", fail);
    child.on("close", (status) => done({ status, log: Buffer.concat(log).toString() }));
  });
}
