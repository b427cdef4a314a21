import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { dockerConfig } from "./docker-config.ts";
import type { DnsLabel } from "../../names.ts";
import { authorities } from "../../kinds/network.ts";
import type { CredentialsArgs, LoginArgs, SecretArgs } from "../args.ts";
import type { RegistryLogin, SecretString } from "../../settings/secret-values.ts";

/** The Secrets of the stack and the certificates of private authorities. Each namespace gets only what it needs. */
export class Credentials extends pulumi.ComponentResource {
  constructor(name: string, args: CredentialsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Credentials", name, {}, opts);
    // Pods that stay in the cluster need their Secrets when they restart.
    const optionsIn = (namespace: DnsLabel) => ({
      parent: this,
      ...(args.retained.includes(namespace) ? { retainOnDelete: true } : {}),
    });
    for (const login of args.logins) loginSecret(login, optionsIn(login.namespace));
    for (const secret of args.secrets) opaqueSecret(secret, optionsIn(secret.namespace));
    if (args.authorities !== undefined) authorityFiles(args.authorities, { parent: this });
    this.registerOutputs({});
  }
}

function loginSecret({ namespace, name, logins }: LoginArgs, opts: pulumi.CustomResourceOptions): void {
  new k8s.core.v1.Secret(
    `${namespace}/${name}`,
    {
      metadata: { name, namespace },
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": dockerConfigOf(logins) },
    },
    opts,
  );
}

function dockerConfigOf(logins: readonly RegistryLogin[]): SecretString {
  return pulumi
    .all(logins.map((login) => login.password.apply((password) => ({ ...login, password }))))
    .apply(dockerConfig);
}

function opaqueSecret(
  { namespace, name, data, labels }: SecretArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const metadata = { name, namespace, ...(labels === undefined ? {} : { labels: { ...labels } }) };
  new k8s.core.v1.Secret(`${namespace}/${name}`, { metadata, stringData: { ...data } }, opts);
}

function authorityFiles(
  { ca, namespaces }: NonNullable<CredentialsArgs["authorities"]>,
  opts: pulumi.CustomResourceOptions,
): void {
  const { configMap: name, key } = authorities;
  for (const namespace of namespaces) {
    const metadata = { name, namespace };
    new k8s.core.v1.ConfigMap(`${namespace}/${name}`, { metadata, data: { [key]: ca } }, opts);
  }
}
