/** Argo CD's own programs with an API server: the server, to which users sign on, and the notifications controller. */
import { join } from "node:path";
import type { ArgoCdValues } from "../../components/charts/argo-cd-values.ts";
import { writeKubeconfig } from "./api-server.ts";
import type { BackgroundProgram } from "./background-program.ts";
import { startInBackground } from "./background-program.ts";
import { clusterTool } from "./cluster-tools.ts";
import { freePort } from "./free-port.ts";

export interface ArgoCdServer {
  readonly url: string;
  readonly stop: () => void;
}

/** The ConfigMaps and the Secret that the chart creates from its values. */
export function argoCdConfiguration({ configs }: ArgoCdValues, namespace: string) {
  const labels = { "app.kubernetes.io/part-of": "argocd" };
  const configMap = (name: string, data: object) => {
    const texts = Object.entries(data).map(([key, value]) => [key, String(value)]);
    const metadata = { name, namespace, labels };
    return { apiVersion: "v1", kind: "ConfigMap", metadata, data: Object.fromEntries(texts) as object };
  };
  return [
    configMap("argocd-cm", configs.cm),
    configMap("argocd-rbac-cm", configs.rbac ?? {}),
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "argocd-secret", namespace, labels },
      stringData: { "server.secretkey": "secret key of sessions" },
    },
  ];
}

async function startProgram(
  name: string,
  { address, token, folder }: Place,
  args: readonly string[],
  answers?: () => Promise<boolean>,
): Promise<BackgroundProgram> {
  const kubeconfig = writeKubeconfig(join(folder, `${name}.kubeconfig`), address, token, "argocd");
  return startInBackground(await clusterTool("argocd"), [`--kubeconfig=${kubeconfig}`, ...args], {
    env: { ARGOCD_BINARY_NAME: name, HOME: folder, ARGOCD_GPG_ENABLED: "false" },
    answers,
  });
}

interface Place {
  /** The API server's. */
  readonly address: string;
  /** That of the account of the program's pod. */
  readonly token: string;
  readonly folder: string;
}

/** Resolves once the server answers. */
export async function startArgoCdServer(
  place: Place,
  { configs: { params } }: ArgoCdValues,
): Promise<ArgoCdServer> {
  const [port, metrics, redis] = [await freePort(), await freePort(), await freePort()];
  const redisArgs = ["--port", redis.toString(), "--save", "", "--bind", "127.0.0.1"];
  const cache = await startInBackground("redis-server", redisArgs);
  const url = `http://127.0.0.1:${port.toString()}`;
  const args = [
    "--address=127.0.0.1",
    `--port=${port.toString()}`,
    `--metrics-port=${metrics.toString()}`,
    `--redis=127.0.0.1:${redis.toString()}`,
    `--insecure=${params["server.insecure"].toString()}`,
    `--staticassets=${place.folder}`,
  ];
  const answers = async () => (await fetch(`${url}/healthz`)).ok;
  const server = await startProgram("argocd-server", place, args, answers);
  return { url, stop: () => [server, cache].forEach((one) => one.stop()) };
}

export async function startNotifications(place: Place): Promise<BackgroundProgram> {
  const metrics = (await freePort()).toString();
  return startProgram("argocd-notifications", place, ["--namespace=argocd", `--metrics-port=${metrics}`]);
}
