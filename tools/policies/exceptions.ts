/** Intended violations of policies, with reasons. A test fails for an exception that covers nothing in any stack. */
import { catchUp } from "../../components/derived-names.ts";
import { images } from "../../components/builds/images.ts";
import { text } from "../declared/fields.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import { ofKind, webhookKinds } from "../declared/objects.ts";
import { podsOf } from "../declared/pods.ts";
import { chartExceptions, isOfApplications } from "./exceptions-of-charts.ts";
import { hostsWithoutTls } from "./network.ts";
import type { Exception, Finding } from "./policy.ts";

const isBuildKit = ({ image }: Finding) => image === images.buildkit;
const isKaniko = ({ image }: Finding) => image === images.kaniko;
const isBuilder = (finding: Finding) => isBuildKit(finding) || isKaniko(finding);
const isBus = ({ object }: Finding) => object.kind === "EventBus";
const ofArgoEvents = ({ object }: Finding) => ["EventBus", "EventSource", "Sensor"].includes(object.kind);

function runsBuildKit({ object }: Finding, objects: readonly DeclaredObject[]): boolean {
  const here = objects.filter(({ namespace }) => namespace === object.name).flatMap(podsOf);
  return here.some(({ containers }) =>
    containers.some(({ content }) => content["image"] === images.buildkit),
  );
}

function holdsRook({ object }: Finding, objects: readonly DeclaredObject[]): boolean {
  return ofKind(objects, "Release").some(
    ({ namespace, name }) => namespace === object.name && name === "rook-ceph",
  );
}

/** Whether GitHub delivers to this host, and only over HTTPS. */
function isKnownByHttps({ object, found }: Finding, objects: readonly DeclaredObject[]): boolean {
  const host = hostsWithoutTls(object).find((one) => found.endsWith(` ${one}`));
  const protocols = ofKind(objects, ...webhookKinds)
    .map(({ content }) => URL.parse(text(content, "configuration", "url")))
    .filter((url) => url?.hostname === host)
    .map((url) => url?.protocol);
  return protocols.length > 0 && protocols.every((one) => one === "https:");
}

export const exceptions: readonly Exception[] = [
  ...chartExceptions,
  {
    policy: "no-rights-on-pods",
    what: "pods of a lost node",
    reason:
      "The check for lost pushes removes pods of builds; admission policies limit that to pods that are already terminating.",
    covers: ({ object, found }) => object.name === catchUp && found === "list, delete pods",
  },
  {
    policy: "confined-system-calls",
    what: "BuildKit",
    reason:
      "Rootless BuildKit creates user namespaces, which seccomp and AppArmor refuse; it runs in a namespace of its own.",
    covers: isBuildKit,
  },
  {
    policy: "dropped-capabilities",
    what: "BuildKit",
    reason: "newuidmap and newgidmap map its users, and need SETUID and SETGID.",
    covers: isBuildKit,
  },
  {
    policy: "no-privilege-escalation",
    what: "the builders",
    reason: "Without it, sudo and su in a Dockerfile fail, and so do BuildKit's newuidmap and newgidmap.",
    covers: isBuilder,
  },
  {
    policy: "no-root",
    what: "Kaniko",
    reason: "RUN runs as root unless the Dockerfile sets a user; Kaniko stays within the level baseline.",
    covers: isKaniko,
  },
  {
    policy: "read-only-root",
    what: "the builders",
    reason:
      "Kaniko unpacks the image over its root file system; BuildKit keeps its state in its root file system.",
    covers: isBuilder,
  },
  {
    policy: "secrets-as-files",
    what: "the builders",
    reason:
      "A build argument without a value is read from the environment, which keeps the value out of arguments.",
    covers: isBuilder,
  },
  {
    policy: "read-only-root",
    what: "the pods of Argo Events",
    reason:
      "They run only the programs of Argo Events and NATS; which folders these write is not tested here.",
    covers: ofArgoEvents,
  },
  {
    policy: "memory-limit",
    what: "the EventBus",
    reason:
      "It runs no code of others, and a burst of deliveries that reaches the limit would stop all deliveries.",
    covers: isBus,
  },
  {
    policy: "verified-servers",
    what: "registries with plain HTTP",
    reason: "The stack file sets `insecure` for each of them.",
    covers: ({ found }) => /(: |^)(--insecure-registry=.+|INSECURE=true|TRIVY_INSECURE=true)$/.test(found),
  },
  {
    policy: "pod-security",
    what: "the namespace of BuildKit",
    reason: "The level baseline refuses what BuildKit needs. Nothing else runs there.",
    covers: runsBuildKit,
  },
  {
    policy: "pod-security",
    what: "the namespace of Rook",
    reason: "Ceph's daemons and the CSI drivers work on the nodes' disks and mounts.",
    covers: holdsRook,
  },
  {
    policy: "pod-security",
    what: "namespaces of applications",
    reason: "The cluster repositories define what runs there, and a level could refuse their pods.",
    covers: ({ object, found }, objects) =>
      found === "enforces no level" && isOfApplications(object.name, objects),
  },
  {
    policy: "exposed-service",
    what: "the webhook's NodePort",
    reason: "The stack file enables it (`webhook.nodePort`), and the EventSource checks signatures.",
    covers: ({ object }) => object.name === "github-webhook-nodeport",
  },
  {
    policy: "ingress-tls",
    what: "hosts that GitHub reaches only over https://",
    reason:
      "Without `webhooks.ingress.tlsSecret`, the ingress controller has a default certificate, or TLS is terminated before it.",
    covers: isKnownByHttps,
  },
  {
    policy: "closed-namespace",
    what: "namespaces of applications",
    reason:
      "Only the authors of the cluster repository know what the pods need. They can declare policies there.",
    covers: ({ object }, objects) => isOfApplications(object.name, objects),
  },
  {
    policy: "closed-namespace",
    what: "the namespace of Rook",
    reason:
      "Ceph's daemons and the CSI drivers use the network of their nodes, which no NetworkPolicy reaches.",
    covers: holdsRook,
  },
  {
    policy: "narrowed-writes",
    what: "stacks without admission policies",
    reason:
      "The stack file disables them (`cluster.admissionPolicies: false`), for API servers before Kubernetes 1.30.",
    covers: (_, objects) => ofKind(objects, "ValidatingAdmissionPolicy").length === 0,
  },
];
