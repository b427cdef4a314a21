/** The values of the chart argo-cd. */
import type { GroupKind } from "../kinds/argocd.ts";
import type { IngressRules } from "../kinds/ingress.ts";
import type { EnvironmentVariable, Resources } from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import type { Network } from "../kinds/network.ts";
import { proxyEnvironment } from "../kinds/network.ts";
import type { MailRelay } from "../kinds/notifications.ts";
import type { DnsLabel } from "../names.ts";
import { pageAddress } from "../derived-names.ts";
import type { NotificationValues, NotifiedProject } from "./argo-cd-notifications.ts";
import { notificationValues } from "./argo-cd-notifications.ts";
import { clusterKindsOf } from "./argo-cd-rights.ts";
import type { Availability } from "./chart.ts";
import { available } from "./chart.ts";
import type { PodNetwork } from "./network.ts";
import type { ServerIngress, ServerService } from "./argo-cd-server.ts";
import { serverIngress, serverService } from "./argo-cd-server.ts";
import { networkVariables, podNetwork } from "./network.ts";
import type { ArgoCdRoles, ArgoCdSignOn, SignOn } from "./sign-on.ts";
import { argoCdRoles, argoCdSignOn } from "./sign-on.ts";

export interface ArgoCdProject extends NotifiedProject {
  readonly applications: readonly { readonly namespace: DnsLabel }[];
  readonly clusterKinds: readonly GroupKind[];
}

export interface ArgoCdArgs {
  readonly host: string | undefined;
  readonly nodePort: number | undefined;
  readonly ingress: IngressRules | undefined;
  readonly highAvailability: boolean;
  /** Secret with the key that signs GitHub's deliveries, under `secret`; undefined if GitHub cannot reach Argo CD. */
  readonly webhookSecret: DnsLabel | undefined;
  readonly network: Network;
  readonly projects: readonly ArgoCdProject[];
  /** Whether the stack has NetworkPolicies for Argo CD. */
  readonly isolated: boolean;
  readonly signOn: SignOn | undefined;
  readonly mail?: MailRelay | undefined;
}

/** The values of chart argo-cd that we set. */
export interface ArgoCdValues {
  readonly global?: ReturnType<typeof globals>;
  readonly createClusterRoles: false;
  readonly configs: {
    readonly cm: Partial<ArgoCdSignOn> & {
      readonly url?: string;
      readonly "timeout.reconciliation"?: string;
      readonly "resource.respectRBAC"?: "normal";
    };
    readonly rbac?: ArgoCdRoles;
    readonly params: {
      readonly "server.insecure": boolean;
      readonly "controller.resource.health.persist": true;
    };
    readonly secret?: { readonly githubSecret: string };
  };
  readonly controller: { readonly resources: Resources };
  readonly redis: { readonly resources: Resources };
  readonly redisSecretInit: { readonly resources: Resources };
  readonly repoServer: Availability &
    PodNetwork & { readonly resources: Resources; readonly env?: readonly EnvironmentVariable[] };
  readonly server: Availability & {
    readonly resources: Resources;
    readonly env?: readonly EnvironmentVariable[];
    readonly service: ServerService;
    readonly ingress?: ServerIngress;
  };
  readonly applicationSet: { readonly replicas: 0 };
  readonly dex: { readonly enabled: false };
  readonly notifications: NotificationValues;
}

export function argoCdValues(args: ArgoCdArgs): ArgoCdValues {
  const { host, isolated } = args;
  return {
    ...(host === undefined && !isolated ? {} : { global: globals(args) }),
    // argo-cd-rights.ts has its rights; the chart's roles allow everything.
    createClusterRoles: false,
    configs: configs(args),
    // One controller: a second would be a shard with half of the applications, not a spare.
    controller: { resources: requests("250m", "512Mi") },
    // A cache, rebuilt from the cluster if it is lost.
    redis: { resources: requests("50m", "64Mi") },
    redisSecretInit: { resources: requests("50m", "64Mi") },
    repoServer: repoServer(args),
    server: server(args),
    // This program uses neither.
    applicationSet: { replicas: 0 },
    dex: { enabled: false },
    notifications: notificationValues({ ...args, argoCdUrl: address(args) }),
  };
}

/** Leaves out the chart's NetworkPolicies: they restrict no egress, and what they allow would add to ours. */
function globals({ host, isolated }: ArgoCdArgs) {
  return {
    ...(host === undefined ? {} : { domain: host }),
    ...(isolated ? { networkPolicy: { create: false } } : {}),
  };
}

function server(args: ArgoCdArgs): ArgoCdValues["server"] {
  const { host, nodePort, ingress, highAvailability, network, signOn } = args;
  // The identity provider is the only server outside the cluster that it contacts.
  const env = signOn?.argocd === undefined ? [] : proxyEnvironment(network);
  return {
    ...available(highAvailability),
    resources: requests("50m", "128Mi"),
    ...(env.length === 0 ? {} : { env }),
    service: serverService(nodePort),
    ...(ingress === undefined || host === undefined ? {} : { ingress: serverIngress(ingress, host) }),
  };
}

/** The only program of Argo CD that reads cluster repositories. */
function repoServer({ highAvailability, network }: ArgoCdArgs): ArgoCdValues["repoServer"] {
  const env = networkVariables(network);
  return {
    ...available(highAvailability),
    resources: requests("100m", "256Mi"),
    ...(env.length === 0 ? {} : { env }),
    ...podNetwork(network),
  };
}

/** Argo CD's address in browsers, if the settings have a host. */
function address({ host, nodePort }: ArgoCdArgs): string | undefined {
  return host === undefined ? undefined : pageAddress(host, nodePort);
}

function configs(args: ArgoCdArgs): ArgoCdValues["configs"] {
  const { ingress, webhookSecret, network, projects, signOn } = args;
  const url = address(args);
  return {
    cm: {
      ...(url === undefined ? {} : { url }),
      ...(signOn?.argocd === undefined ? {} : argoCdSignOn(signOn, network.ca)),
      // It may read only the cluster-wide kinds that projects list, and skips the others.
      ...(clusterKindsOf(projects).length === 0 ? {} : { "resource.respectRBAC": "normal" }),
      // If GitHub notifies Argo CD of pushes, polling only covers lost notifications.
      ...(webhookSecret === undefined ? {} : { "timeout.reconciliation": "15m" }),
    },
    ...(signOn?.argocd === undefined ? {} : { rbac: argoCdRoles(signOn, signOn.argocd) }),
    params: {
      // Behind an Ingress that terminates TLS, the server speaks HTTP. Otherwise it uses its own certificate.
      "server.insecure": ingress !== undefined,
      // Lets a waiting build report which object is not healthy.
      "controller.resource.health.persist": true,
    },
    // A reference, because the values of a release are readable in the cluster.
    ...(webhookSecret === undefined ? {} : { secret: { githubSecret: `$${webhookSecret}:secret` } }),
  };
}
