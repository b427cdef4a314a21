/** The control plane of a test's cluster: etcd, the API server, the controllers and the scheduler. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { ClusterApi } from "./cluster-api.ts";
import type { Machine } from "./cluster-machine.ts";
import type { ClusterTool } from "./cluster-tools.ts";
import { clusterTool } from "./cluster-tools.ts";
import { until } from "./cluster-wait.ts";

export interface ControlPlane {
  readonly api: ClusterApi;
  /** A file with the address of the API and an administrator's token. */
  readonly kubeconfig: string;
}

/** A control plane that the test has started. */
export interface OwnControlPlane extends ControlPlane {
  /** Kills the API server, for all its clients. Its data stays. */
  readonly stopApi: () => Promise<void>;
  readonly startApi: () => Promise<void>;
}

const etcdUrl = "http://127.0.0.1:2379";

/** Resolves once the API answers. */
export async function startControlPlane(machine: Machine): Promise<OwnControlPlane> {
  const start = async (name: ClusterTool, args: readonly string[]) => {
    machine.start(name, await clusterTool(name), args);
  };
  const folder = join(machine.folder, "control-plane");
  mkdirSync(folder);
  const token = randomBytes(16).toString("hex");
  const server = `https://${machine.address}:6443`;
  const kubeconfig = writeKubeconfig(folder, server, token);
  const key = writeKey(folder);
  const certificates = join(folder, "certificates");

  await start("etcd", [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    // Nothing here outlives the test.
    "--unsafe-no-fsync",
  ]);
  const api = new ClusterApi(server, token);
  const startApi = async () => {
    await start("kube-apiserver", apiServerArguments(machine, { folder, server, key, certificates, token }));
    await until("the API server is ready", async () => (await api.call("/readyz")) === "ok");
  };
  await startApi();
  await start("kube-controller-manager", [
    `--kubeconfig=${kubeconfig}`,
    `--root-ca-file=${join(certificates, "apiserver.crt")}`,
    `--service-account-private-key-file=${key}`,
    "--leader-elect=false",
  ]);
  await start("kube-scheduler", [`--kubeconfig=${kubeconfig}`, "--leader-elect=false"]);
  const stopApi = async () => {
    await machine.run("pkill", ["-KILL", "-f", "kube-apiserver --etcd-servers"]);
  };
  return { api, kubeconfig, startApi, stopApi };
}

interface ApiServer {
  readonly folder: string;
  readonly server: string;
  /** The private key of service accounts. */
  readonly key: string;
  readonly certificates: string;
  readonly token: string;
}

function apiServerArguments(
  { address, serviceRange }: Machine,
  { folder, server, key, certificates, token }: ApiServer,
): string[] {
  const tokens = join(folder, "tokens.csv");
  writeFileSync(tokens, `${token},cluster-test,cluster-test,system:masters\n`);
  return [
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--cert-dir=${certificates}`,
    `--token-auth-file=${tokens}`,
    "--authorization-mode=Node,RBAC",
    // The node's name cannot be resolved.
    "--kubelet-preferred-address-types=InternalIP",
    `--service-account-issuer=${server}`,
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    `--service-cluster-ip-range=${serviceRange}`,
    "--profiling=false",
  ];
}

function writeKey(folder: string): string {
  const file = join(folder, "service-accounts.key");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(file, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  return file;
}

function writeKubeconfig(folder: string, server: string, token: string): string {
  const file = join(folder, "kubeconfig");
  const name = "cluster-test";
  // As on a machine of the team: a context for each stack.
  const contexts = [name, "develop", "publish"];
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name, user: { token } }],
    contexts: contexts.map((one) => ({ name: one, context: { cluster: name, user: name } })),
    "current-context": name,
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}
