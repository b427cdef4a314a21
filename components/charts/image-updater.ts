import { goDuration } from "../fields.ts";
import type { EnvironmentVariable, Resources } from "../kinds/kubernetes.ts";
import type { Network } from "../kinds/network.ts";
import type { DnsLabel, DnsSubdomain, RegistryHost } from "../names.ts";
import { dockerHub, updaterSecret } from "../derived-names.ts";
import type { PartChart } from "./chart.ts";
import { argoHelm, small } from "./chart.ts";
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
  readonly delivery: { readonly interval: number };
  readonly monitoring: { readonly enabled: boolean };
  readonly projects: readonly {
    readonly applications: readonly { readonly writeBack: "argocd" | "git" | "pullRequest" }[];
  }[];
}

/**
 * Argo CD Image Updater, which gives Argo CD the newest image. It lives in Argo CD's namespace, whose Applications it
 * changes. Brings the kind ImageUpdater.
 */
export const imageUpdater = {
  component: "ImageUpdater",
  chart: "argocd-image-updater",
  // renovate: datasource=helm depName=argocd-image-updater registryUrl=https://argoproj.github.io/argo-helm
  version: "1.2.4",
  repository: argoHelm,
  namespace: ({ namespaces }) => namespaces.delivery,
  // Whoever has it may notify the updater of a new image.
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
  /** Seconds between its looks at all images. */
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
    // It reads and changes what is in its own namespace, which is Argo CD's, and nothing else.
    createClusterRoles: false,
    config: {
      registries: [updaterRegistry(args)],
      // Builds notify it of new images. This is for lost notifications, and asks the registry about every image.
      interval: goDuration(args.interval),
      "webhook.enable": true,
      // It is asked from inside the cluster, and would bring a certificate that nobody knows.
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
    // Else it asks the API server who reads them, which it may not: it has no rights outside of its namespace.
    ...(args.monitored ? { extraArgs: ["--metrics-secure=false"] } : {}),
    ...podNetwork(args.network),
    service: { enabled: true },
    resources: small("50m", "64Mi"),
  };
}

/** The updater's own, and the mark that starts no build, should the repository ever be built too. */
const commitMessage = `build: update the images of {{ .AppName }} [skip ci]

{{ range .AppChanges -}}
{{ .Image }}: {{ .OldTag }} -> {{ .NewTag }}
{{ end -}}
`;

/** Without a time after which it reads them again it keeps credentials for as long as it runs, whether the registry takes them or not. */
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
