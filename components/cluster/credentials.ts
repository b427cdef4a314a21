import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { dockerConfig } from "./docker-config.ts";
import type { DnsLabel, RegistryHost } from "../names.ts";
import type { CredentialsArgs, SecretArgs } from "./args.ts";
import type { RegistryLogin, Secret } from "../settings/settings.ts";

/** The Secrets of the stack: the registry's login, and of all other values only what each place needs. */
export class Credentials extends pulumi.ComponentResource {
  constructor(name: string, args: CredentialsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Credentials", name, {}, opts);
    // Pods that stay need theirs when they start again.
    const kept = (namespace: DnsLabel) => ({
      parent: this,
      ...(args.retained.includes(namespace) ? { retainOnDelete: true } : {}),
    });
    if (args.login !== undefined) {
      const login = dockerConfigOf(args.registry, args.login);
      for (const namespace of args.loginNamespaces)
        loginSecret(args.pullSecret, namespace, login, kept(namespace));
    }
    for (const secret of args.secrets) opaqueSecret(secret, kept(secret.namespace));
    this.registerOutputs({});
  }
}

function dockerConfigOf(host: RegistryHost, { username, email, password }: RegistryLogin): Secret {
  return password.apply((text) => dockerConfig({ host, username, email, password: text }));
}

function loginSecret(
  name: DnsLabel,
  namespace: DnsLabel,
  login: Secret,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.core.v1.Secret(
    `${namespace}/${name}`,
    {
      metadata: { name, namespace },
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": login },
    },
    opts,
  );
}

function opaqueSecret(
  { namespace, name, data, labels }: SecretArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const metadata = { name, namespace, ...(labels === undefined ? {} : { labels: { ...labels } }) };
  new k8s.core.v1.Secret(`${namespace}/${name}`, { metadata, stringData: { ...data } }, opts);
}
