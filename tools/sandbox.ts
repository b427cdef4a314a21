/**
 * Runs everything on one machine: a Kubernetes node with the real Argo, a registry, and a git server with a sample
 * service. Each `git push` is built and rolled out, and its progress is printed, until Ctrl-C removes everything.
 *
 * npm run sandbox
 */
import { command, readArguments } from "./command.ts";
import { UserError } from "./offline/user-error.ts";

const usage = `npm run sandbox

Starts a Kubernetes node on this machine (Linux, as root) with the real Argo, a registry, and a git server with a sample
service. Prints how to clone the sample, push to it and request its page, follows each push, and removes everything at
Ctrl-C. The first time, it builds its programs from Go modules, which takes up to half an hour.

  CLUSTER_KUBECONFIG  a kubeconfig: use this cluster instead, for example one of kind; a push then ends with an image,
                      since the cluster's nodes cannot pull from the registry inside it
  CLUSTER_HOST        the address at which the pods of that cluster reach this machine
  ARGO_CICD_CACHE     where the built programs are kept, instead of ~/.cache/argo-cicd`;

const options = { help: { type: "boolean", short: "h", default: false } } as const;

async function main(): Promise<void> {
  const { values, positionals } = readArguments(options, usage);
  const [unknown] = positionals;
  if (unknown !== undefined) throw new UserError(`Unexpected argument '${unknown}'.\n\n${usage}`);
  if (values.help) {
    console.log(usage);
    return;
  }
  // Loaded on demand: the usage does not need it.
  const { runSandbox } = await import("./sandbox/run.ts");
  await runSandbox((line) => console.log(line));
}

await command(main);
