/** What breaks a policy on purpose, each with its reason. An exception that covers nothing in any stack fails a test. */
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

/** GitHub delivers to an address of this host, and only by HTTPS. */
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
    what: "pods that a lost node leaves",
    reason:
      "The look for lost pushes removes those of builds; where there are admission policies, only those that are already terminating.",
    covers: ({ object, found }) => object.name === catchUp && found === "list, delete pods",
  },
  {
    policy: "confined-system-calls",
    what: "BuildKit",
    reason:
      "Rootless BuildKit makes user namespaces, which seccomp and AppArmor refuse; it has a namespace of its own.",
    covers: isBuildKit,
  },
  {
    policy: "dropped-capabilities",
    what: "BuildKit",
    reason: "newuidmap and newgidmap give it its users, and need SETUID and SETGID.",
    covers: isBuildKit,
  },
  {
    policy: "no-privilege-escalation",
    what: "the builders",
    reason: "Without it, sudo and su of a Dockerfile fail, and so do BuildKit's newuidmap and newgidmap.",
    covers: isBuilder,
  },
  {
    policy: "no-root",
    what: "Kaniko",
    reason: "RUN is root's unless the Dockerfile says otherwise; it stays within the level baseline.",
    covers: isKaniko,
  },
  {
    policy: "read-only-root",
    what: "the builders",
    reason: "Kaniko unpacks the image over its root file system; BuildKit keeps its state in its own.",
    covers: isBuilder,
  },
  {
    policy: "secrets-as-files",
    what: "the builders",
    reason: "A build argument without a value takes that of the environment, so that no argument holds it.",
    covers: isBuilder,
  },
  {
    policy: "read-only-root",
    what: "the pods of Argo Events",
    reason:
      "They run Argo Events' and NATS's own programs and nobody's code; which folders these write is not tested here.",
    covers: ofArgoEvents,
  },
  {
    policy: "memory-limit",
    what: "the EventBus",
    reason:
      "Nothing of others runs in it, and a limit that a burst of deliveries reaches would stop all of them.",
    covers: isBus,
  },
  {
    policy: "verified-servers",
    what: "registries of plain HTTP",
    reason: "The stack file says so of each (`insecure`).",
    covers: ({ found }) => /(: |^)(--insecure-registry=.+|INSECURE=true|TRIVY_INSECURE=true)$/.test(found),
  },
  {
    policy: "pod-security",
    what: "the namespace of BuildKit",
    reason: "The level baseline refuses what BuildKit needs; nothing else runs there.",
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
    reason: "What runs there is said in the cluster repositories, whose pods a level could stop.",
    covers: ({ object, found }, objects) =>
      found === "enforces no level" && isOfApplications(object.name, objects),
  },
  {
    policy: "exposed-service",
    what: "the webhook's NodePort",
    reason: "The stack file asks for it (`webhook.nodePort`), and the EventSource checks signatures.",
    covers: ({ object }) => object.name === "github-webhook-nodeport",
  },
  {
    policy: "ingress-tls",
    what: "hosts that GitHub knows by https:// only",
    reason:
      "Without `webhooks.ingress.tlsSecret`, TLS is the ingress controller's default or ends in front of it.",
    covers: isKnownByHttps,
  },
  {
    policy: "closed-namespace",
    what: "namespaces of applications",
    reason:
      "What its pods need is known to the authors of the cluster repository, who can declare policies there.",
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
      "The stack file says so (`cluster.admissionPolicies: false`), for API servers before Kubernetes 1.30.",
    covers: (_, objects) => ofKind(objects, "ValidatingAdmissionPolicy").length === 0,
  },
];
