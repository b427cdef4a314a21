import { goDuration } from "../fields.ts";
import type { EnvironmentVariable, Resources } from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import type { Network } from "../kinds/network.ts";
import type { DnsLabel, DnsSubdomain, RegistryHost } from "../names.ts";
import { dockerHub, updaterSecret } from "../derived-names.ts";
import type { PartChart } from "./chart.ts";
import { argoHelm } from "./chart.ts";
import type { Networked, PodNetwork } from "./network.ts";
import { networkVariables, podNetwork } from "./network.ts";

interface Given extends Networked {
  readonly namespaces: { readonly delivery: DnsLabel };
  readonly registry: {
    readonly host: RegistryHost;
    readonly insecure: boolean;
    readonly login: "password" | "external";
    readonly username?: string | undefined;
    readonly pullSecret: DnsSubdomain;
  };
  /** The interval is in seconds. */
  readonly delivery: { readonly interval: number };
  readonly monitoring: { readonly enabled: boolean };
  readonly projects: readonly {
    readonly applications: readonly { readonly writeBack: "argocd" | "git" | "pullRequest" }[];
  }[];
}

/**
 * Argo CD Image Updater, which sets the newest images in Applications. It runs in Argo CD's namespace, where they are.
 * Installs the kind ImageUpdater.
 */
export const imageUpdater = {
  component: "ImageUpdater",
  chart: "argocd-image-updater",
  hasCrds: true,
  // renovate: datasource=helm depName=argocd-image-updater registryUrl=https://argoproj.github.io/argo-helm
  version: "1.2.4",
  repository: argoHelm,
  namespace: ({ namespaces }) => namespaces.delivery,
  // Authorizes notifications of new images.
  key: () => ({ resource: "updater-webhook-key", secret: updaterSecret, field: "token" }),
  values: ({
    namespaces,
    registry: { host, insecure, login, username, pullSecret },
    network,
    delivery,
    monitoring,
    projects,
  }) =>
    imageUpdaterValues({
      interval: delivery.interval,
      namespace: namespaces.delivery,
      registry: host,
      insecure,
      pullSecret: username === undefined && login === "password" ? undefined : pullSecret,
      network,
      webhookSecret: updaterSecret,
      monitored: monitoring.enabled,
      commits: projects.some(({ applications }) =>
        applications.some(({ writeBack }) => writeBack !== "argocd"),
      ),
    }),
} satisfies PartChart<Given>;

export interface ImageUpdaterArgs {
  readonly namespace: DnsLabel;
  /** Seconds between polls of all images. */
  readonly interval: number;
  readonly registry: RegistryHost;
  readonly insecure: boolean;
  /** Secret with the registry's login, in the same namespace. */
  readonly pullSecret: DnsSubdomain | undefined;
  readonly network: Network;
  /** Secret with the key of its webhook, under `token`, in the same namespace. */
  readonly webhookSecret: DnsLabel;
  /** Whether Prometheus reads its metrics. */
  readonly monitored: boolean;
  /** Whether it writes to cluster repositories. */
  readonly commits: boolean;
}

/** The values of chart argocd-image-updater that we set. */
export interface ImageUpdaterValues extends PodNetwork {
  readonly createClusterRoles: false;
  readonly config: {
    readonly registries: readonly UpdaterRegistry[];
    readonly interval: string;
    readonly "webhook.enable": true;
    readonly "disable-tls": true;
    readonly "git.commit-message-template"?: string;
  };
  readonly extraEnv: readonly EnvironmentVariable[];
  readonly extraArgs?: readonly string[];
  readonly service: { readonly enabled: true };
  readonly resources: Resources;
}

interface UpdaterRegistry {
  readonly name: string;
  readonly prefix: string;
  readonly api_url: string;
  readonly default?: true;
  readonly defaultns?: "library";
  readonly insecure?: true;
  readonly credentials?: string;
  readonly credsexpire?: string;
}

export function imageUpdaterValues(args: ImageUpdaterArgs): ImageUpdaterValues {
  return {
    // It needs no rights outside its own namespace, which is Argo CD's.
    createClusterRoles: false,
    config: {
      registries: [updaterRegistry(args)],
      // Builds notify it of new images. Polling covers lost notifications, and queries the registry for every image.
      interval: goDuration(args.interval),
      "webhook.enable": true,
      // Its clients are inside the cluster, and would not trust its own certificate.
      "disable-tls": true,
      ...(args.commits ? { "git.commit-message-template": commitMessage } : {}),
    },
    // The chart has no value for it.
    extraEnv: [
      {
        name: "CLOUDEVENTS_WEBHOOK_SECRET",
        valueFrom: { secretKeyRef: { name: args.webhookSecret, key: "token" } },
      },
      ...networkVariables(args.network),
    ],
    // By default, it authorizes metrics clients through the API server, which requires rights outside its namespace.
    ...(args.monitored ? { extraArgs: ["--metrics-secure=false"] } : {}),
    ...podNetwork(args.network),
    service: { enabled: true },
    resources: requests("50m", "64Mi"),
  };
}

/** The updater's commit message. `[skip ci]` prevents a build if the repository is built as well. */
const commitMessage = `build: update the images of {{ .AppName }} [skip ci]

{{ range .AppChanges -}}
{{ .Image }}: {{ .OldTag }} -> {{ .NewTag }}
{{ end -}}
`;

/** Without `credsexpire`, the updater never reads the credentials again, even if the registry rejects them. */
function updaterCredentials({ namespace, pullSecret }: ImageUpdaterArgs) {
  if (pullSecret === undefined) return {};
  return { credentials: `pullsecret:${namespace}/${pullSecret}`, credsexpire: "10m" };
}

function updaterRegistry(args: ImageUpdaterArgs): UpdaterRegistry {
  const { registry, insecure } = args;
  const credentials = updaterCredentials(args);
  if (registry === dockerHub) {
    return {
      name: "Docker Hub",
      prefix: dockerHub,
      api_url: "https://registry-1.docker.io",
      default: true,
      defaultns: "library",
      ...credentials,
    };
  }
  return {
    name: registry,
    prefix: registry,
    api_url: `${insecure ? "http" : "https"}://${registry}`,
    ...(insecure ? { insecure: true } : {}),
    ...credentials,
  };
}
