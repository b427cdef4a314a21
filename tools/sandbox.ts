/**
 * Tries the whole thing on one machine: a Kubernetes node with the real Argo, a registry, and a git server with a sample
 * service. Each `git push` is built and rolled out, and is followed here, until Ctrl-C takes everything away.
 *
 * npm run sandbox
 */
import { command, readArguments } from "./command.ts";
import { UserError } from "./offline/user-error.ts";

const usage = `npm run sandbox

Starts a Kubernetes node on this machine (Linux, as root) with the real Argo, a registry, and a git server with a sample
service. Prints how to clone the sample, push to it and ask its page, follows each push, and takes everything away at
Ctrl-C. The first time, its parts are built from Go modules, which takes up to half an hour.

  CLUSTER_KUBECONFIG  a kubeconfig: use this cluster, for example of kind, instead; pushes then end as images, since the
                      cluster's nodes cannot pull from the registry in it
  CLUSTER_HOST        the address at which the pods of that cluster reach this machine
  ARGO_CICD_CACHE     where the built parts are kept, instead of ~/.cache/argo-cicd`;

const options = { help: { type: "boolean", short: "h", default: false } } as const;

async function main(): Promise<void> {
  const { values, positionals } = readArguments(options, usage);
  const [unknown] = positionals;
  if (unknown !== undefined) throw new UserError(`Unexpected argument '${unknown}'.\n\n${usage}`);
  if (values.help) {
    console.log(usage);
    return;
  }
  // Its parts are many, and the usage needs none of them.
  const { runSandbox } = await import("./sandbox/run.ts");
  await runSandbox((line) => console.log(line));
}

await command(main);
