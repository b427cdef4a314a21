/** Argo Workflows' server: how it is reached, and how users sign on. */
import { pageAddress } from "../derived-names.ts";
import type { IngressRules } from "../kinds/ingress.ts";
import type { EnvironmentVariable, Resources, Volume, VolumeMount } from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import type { Network } from "../kinds/network.ts";
import { authorityMounts, authorityVolumes, proxyEnvironment } from "../kinds/network.ts";
import type { Availability, SeccompOnly } from "./chart.ts";
import { available, runtimeDefault } from "./chart.ts";
import { authorityAnnotation } from "./network.ts";
import type { SignOn, WorkflowsSignOn } from "./sign-on.ts";
import { workflowsSignOn } from "./sign-on.ts";

/** How browsers reach a dashboard, as in a stack file. */
export interface Page {
  readonly host?: string | undefined;
  readonly nodePort?: number | undefined;
  readonly ingress?: IngressRules | undefined;
}

export interface WorkflowsServerArgs extends Page {
  readonly highAvailability: boolean;
  /** Whether an object store keeps logs, which the server and the pods of builds access. */
  readonly logs: boolean;
  readonly network: Network;
  readonly signOn: SignOn | undefined;
}

export interface WorkflowsServerValues extends Availability {
  readonly authModes: readonly ["client"] | readonly ["sso"];
  readonly sso?: WorkflowsSignOn;
  readonly rbac: { readonly create: false };
  readonly clusterWorkflowTemplates: { readonly enabled: false };
  readonly secure: boolean;
  readonly extraEnv?: readonly EnvironmentVariable[];
  readonly serviceType: "NodePort" | "ClusterIP";
  readonly serviceNodePort?: number;
  readonly ingress?: WorkflowsIngress;
  readonly podAnnotations?: Readonly<Record<string, string>>;
  readonly volumes?: readonly Volume[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly podSecurityContext: SeccompOnly;
  readonly resources: Resources;
}

interface WorkflowsIngress {
  readonly enabled: true;
  readonly ingressClassName: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  readonly tls: readonly { readonly hosts: readonly string[]; readonly secretName: string }[];
}

export function workflowsServer(args: WorkflowsServerArgs): WorkflowsServerValues {
  const { highAvailability, host, nodePort, ingress } = args;
  return {
    ...available(highAvailability),
    ...signingOn(args),
    // argo-workflows-rights.ts replaces the chart's roles, which let the server read every Secret of the cluster.
    rbac: { create: false },
    clusterWorkflowTemplates: { enabled: false },
    // Behind an Ingress that terminates TLS, the server speaks HTTP. Otherwise it uses its own certificate.
    secure: ingress === undefined,
    ...networkAccess(args),
    ...(nodePort === undefined
      ? { serviceType: "ClusterIP" }
      : { serviceType: "NodePort", serviceNodePort: nodePort }),
    ...(ingress === undefined || host === undefined ? {} : { ingress: ingressValues(ingress, host) }),
    podSecurityContext: runtimeDefault,
    resources: requests("50m", "128Mi"),
  };
}

/** Never gives users the server's own rights. */
function signingOn({
  signOn,
  host,
  nodePort,
}: WorkflowsServerArgs): Pick<WorkflowsServerValues, "authModes" | "sso"> {
  // Users sign in with a Kubernetes token of their own.
  if (signOn?.workflows === undefined || host === undefined) return { authModes: ["client"] };
  return { authModes: ["sso"], sso: workflowsSignOn(signOn, pageAddress(host, nodePort)) };
}

/** The folder of the private authorities. Go loads it in addition to the public ones, which are in a file. */
const authorityFolder = "/own-authorities";

const clientAnnotation = "argo-cicd/sign-on-client";

/** Proxy and authorities for the object store and the identity provider. */
function networkAccess({ logs, signOn, network }: WorkflowsServerArgs) {
  const hasSignOn = signOn?.workflows !== undefined;
  const extraEnv = [
    ...(logs || hasSignOn ? proxyEnvironment(network) : []),
    ...(hasSignOn && network.ca !== undefined ? [{ name: "SSL_CERT_DIR", value: authorityFolder }] : []),
  ];
  return {
    ...(extraEnv.length === 0 ? {} : { extraEnv }),
    // The server reads these only when it starts.
    ...(signOn?.workflows === undefined
      ? {}
      : { podAnnotations: { [clientAnnotation]: signOn.clientId, ...authorityAnnotations(network) } }),
    ...(!hasSignOn || network.ca === undefined
      ? {}
      : {
          volumes: authorityVolumes(network),
          volumeMounts: authorityMounts(network, authorityFolder),
        }),
  };
}

function authorityAnnotations({ ca }: Network): Record<string, string> {
  return ca === undefined ? {} : authorityAnnotation(ca);
}

function ingressValues(
  { class: ingressClassName, tlsSecret, annotations }: IngressRules,
  host: string,
): WorkflowsIngress {
  return {
    enabled: true,
    ingressClassName,
    annotations,
    hosts: [host],
    tls: tlsSecret === undefined ? [] : [{ hosts: [host], secretName: tlsSecret }],
  };
}
