/** An API server and its etcd on loopback, without the rest of a cluster, to test what the server itself decides. */
import { randomBytes } from "node:crypto";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { startInBackground } from "./background-program.ts";
import { ClusterApi } from "./cluster-api.ts";
import { clusterTool } from "./cluster-tools.ts";
import { freePort } from "./free-port.ts";

export interface ApiServer {
  readonly api: ClusterApi;
  readonly address: string;
  /** An administrator's. */
  readonly token: string;
  /** A file with its address and an administrator's token. */
  readonly kubeconfig: string;
  readonly stop: () => void;
}

/** Resolves once the API answers. */
export async function startApiServer(): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), "api-server-"));
  const [client, peer, port] = await freePorts();
  const token = randomBytes(16).toString("hex");
  const server = `https://127.0.0.1:${port.toString()}`;
  const etcd = `http://127.0.0.1:${client.toString()}`;
  const api = new ClusterApi(server, token);
  const storage = await startInBackground(await clusterTool("etcd"), etcdArguments(folder, etcd, peer));
  const own = await startInBackground(
    await clusterTool("kube-apiserver"),
    serverArguments(folder, { etcd, port, server, token }),
    { answers: async () => (await api.call("/readyz")) === "ok" },
  );
  const stop = () => {
    for (const one of [own, storage]) one.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    api,
    address: server,
    token,
    kubeconfig: writeKubeconfig(join(folder, "kubeconfig"), server, token),
    stop,
  };
}

function etcdArguments(folder: string, client: string, peer: number): string[] {
  const peers = `http://127.0.0.1:${peer.toString()}`;
  return [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peers}`,
    "--unsafe-no-fsync",
  ];
}

interface Server {
  readonly etcd: string;
  readonly port: number;
  readonly server: string;
  readonly token: string;
}

function serverArguments(folder: string, { etcd, port, server, token }: Server): string[] {
  const [key, tokens] = [join(folder, "key"), join(folder, "tokens.csv")];
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  writeFileSync(tokens, `${token},test,test,system:masters\n`);
  return [
    `--etcd-servers=${etcd}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port.toString()}`,
    `--cert-dir=${join(folder, "certificates")}`,
    `--token-auth-file=${tokens}`,
    "--authorization-mode=RBAC",
    `--service-account-issuer=${server}`,
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    "--service-cluster-ip-range=10.0.0.0/24",
    // Nothing here creates the accounts' tokens.
    "--disable-admission-plugins=ServiceAccount",
  ];
}

/** A token of an account, valid for an hour. */
export async function tokenOf({ api }: ApiServer, namespace: string, account: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const { status } = (await api.call(path, { method: "POST", body })) as { status: { token: string } };
  return status.token;
}

/** @param namespace the default of the context @returns the file */
export function writeKubeconfig(file: string, server: string, token: string, namespace = "default"): string {
  const name = "test";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    "current-context": name,
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}

/** Three unused ports. */
async function freePorts(): Promise<[number, number, number]> {
  return [await freePort(), await freePort(), await freePort()];
}
