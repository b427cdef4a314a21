import { partOfArgoCd } from "../kinds/argocd.ts";
import type { IngressRules } from "../kinds/ingress.ts";
import type { PartNamespace } from "../kinds/kubernetes.ts";
import type { MailRelay } from "../kinds/notifications.ts";
import type { DnsLabel } from "../names.ts";
import { argoCdWebhookSecret } from "../derived-names.ts";
import { argoCdRights, clusterSecret } from "./argo-cd-rights.ts";
import type { ArgoCdProject } from "./argo-cd-values.ts";
import { argoCdValues } from "./argo-cd-values.ts";
import type { Available, ChartKey, PartChart } from "./chart.ts";
import { argoHelm } from "./chart.ts";
import type { Networked } from "./network.ts";
import type { SignOn } from "./sign-on.ts";

interface Given extends Available, Networked {
  readonly cluster: Available["cluster"] & { readonly networkPolicies: { readonly enabled: boolean } };
  readonly namespaces: { readonly delivery: DnsLabel };
  readonly argocd: {
    readonly host?: string | undefined;
    readonly nodePort?: number | undefined;
    readonly ingress?: IngressRules | undefined;
  };
  readonly webhooks: { readonly keyVersion: number };
  readonly signOn?: SignOn | undefined;
  readonly mail?: MailRelay | undefined;
  readonly projects: readonly ArgoCdProject[];
}

export const namespace: PartNamespace = {
  default: "argocd",
  holds: "Argo CD and the Image Updater",
  podSecurity: "restricted",
};

/** Argo CD, which syncs the cluster with the cluster repositories. Installs the kinds AppProject and Application. */
export const argoCd = {
  component: "ArgoCd",
  chart: "argo-cd",
  hasCrds: true,
  // renovate: datasource=helm depName=argo-cd registryUrl=https://argoproj.github.io/argo-helm
  version: "10.1.1",
  repository: argoHelm,
  namespace: ({ namespaces }) => namespaces.delivery,
  secrets: ["argocd-secret", "argocd-initial-admin-secret", "argocd-redis", clusterSecret],
  key: webhookKey,
  rights: argoCdRights,
  values: (settings) => {
    const { host, nodePort, ingress } = settings.argocd;
    const { highAvailability, networkPolicies } = settings.cluster;
    const { network, projects, signOn, mail } = settings;
    const webhookSecret = webhookKey(settings)?.secret;
    const isolated = networkPolicies.enabled;
    return argoCdValues({
      host,
      nodePort,
      ingress,
      highAvailability,
      webhookSecret,
      network,
      projects,
      isolated,
      signOn,
      mail,
    });
  },
} satisfies PartChart<Given>;

/** The address at which GitHub reaches Argo CD's webhook. Only the Ingress has a certificate that GitHub trusts. */
export function argoCdWebhookUrl({ argocd: { host, ingress } }: Pick<Given, "argocd">): string | undefined {
  return host === undefined || ingress === undefined ? undefined : `https://${host}/api/webhook`;
}

/** The key that signs the deliveries of cluster repositories. */
function webhookKey(settings: Given): ChartKey | undefined {
  if (argoCdWebhookUrl(settings) === undefined) return undefined;
  return {
    resource: "argocd-webhook-key",
    secret: argoCdWebhookSecret,
    field: "secret",
    // Argo CD reads only Secrets that have this label.
    labels: partOfArgoCd,
    version: settings.webhooks.keyVersion,
  };
}
