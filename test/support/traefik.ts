/** Traefik's own program on this machine, with the arguments that the chart creates from its values. */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import type { TraefikValues } from "../../components/charts/traefik.ts";
import { startInBackground } from "./background-program.ts";
import { clusterTool } from "./cluster-tools.ts";
import { freePort } from "./free-port.ts";

export interface Traefik {
  /** The port of its entry point for HTTP, at every address of this machine. */
  readonly port: number;
  /** Its resident memory in MiB. */
  readonly memory: () => number;
  readonly stop: () => void;
}

/** Resolves once it answers. @param kubeconfig of the cluster whose Ingresses it serves */
export async function startTraefik(values: TraefikValues, kubeconfig: string): Promise<Traefik> {
  const [web, websecure] = [await freePort(), await freePort()];
  const args = [
    `--entrypoints.web.address=:${web.toString()}`,
    `--entrypoints.websecure.address=:${websecure.toString()}`,
    "--entrypoints.websecure.http.tls=true",
    ...providerArguments(values),
  ];
  const { pid, stop } = await startInBackground(await clusterTool("traefik"), args, {
    env: { KUBECONFIG: kubeconfig },
    answers: async () => (await ask({ port: web })).status === 404,
  });
  return { port: web, memory: () => residentMemory(pid), stop };
}

/** As the chart's templates write them. */
function providerArguments({ providers: { kubernetesIngressNGINX } }: TraefikValues): string[] {
  const { ingressClass, allowSnippetAnnotations = false } = kubernetesIngressNGINX;
  const provider = "--providers.kubernetesingressnginx";
  return [
    provider,
    `${provider}.ingressclass=${ingressClass}`,
    ...(allowSnippetAnnotations ? [`${provider}.allowsnippetannotations=true`] : []),
  ];
}

function residentMemory(pid: number): number {
  const [, kibibytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid.toString()}/status`, "utf8")) ?? [];
  return Number(kibibytes) / 1024;
}

export interface Question {
  readonly port: number;
  /** The destination and source of the request. */
  readonly address?: string;
  readonly host?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** @throws Error if the connection gets no response */
export function ask(question: Question): Promise<{ status: number; body: string }> {
  const { port, address = "127.0.0.1", host = "none", path = "/", method = "POST", headers, body } = question;
  return new Promise((done, fail) => {
    const sent = request(
      {
        host: address,
        localAddress: address,
        port,
        path,
        method,
        headers: { ...headers, host },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          done({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    sent.on("error", fail);
    sent.end(body);
  });
}

/** An address of this machine that an EndpointSlice accepts, which excludes loopback. */
export function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const own = all.find(({ family, internal }) => family === "IPv4" && !internal);
  if (own === undefined) throw new Error("this machine has only a loopback address");
  return own.address;
}
