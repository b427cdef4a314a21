/** Names derived from others: of objects, images, tags and Secrets. Casts are safe: the inputs follow the rules. */
import { createHash } from "node:crypto";
import type {
  Branch,
  BranchPattern,
  Commit,
  DnsLabel,
  GitTagPattern,
  ImageNamespace,
  Owner,
  RegistryHost,
  RepositoryName,
  TagTemplate,
} from "./names.ts";
import { dnsLabelOf } from "./names.ts";

/**
 * The name of a repository's Kubernetes objects. Two repositories can derive the same one (`a.b` and `a_b`),
 * which the settings refuse.
 */
export function objectName(repository: RepositoryName): DnsLabel {
  return repository
    .toLowerCase()
    .replace(/[._]/g, "-")
    .replace(/^-+|-+$/g, "") as DnsLabel;
}

/** An image without its tag. Docker Hub's host is omitted, as in the manifests of the cluster repositories. */
export function imageName(
  host: RegistryHost,
  namespace: ImageNamespace | undefined,
  repository: string,
): string {
  const parts = [host === dockerHub ? undefined : host, namespace, repository.toLowerCase()];
  return parts.filter((part) => part !== undefined).join("/");
}

/** Docker Hub's name in image references. */
export const dockerHub = "docker.io";

/**
 * The registry host that an image name begins with, if any (distribution `reference`: the first component is a host if
 * it contains a dot or a port, or is `localhost`).
 */
export function hostIn(image: string): string | undefined {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : undefined;
}

/** The host of an image's registry, and the image's path there. */
export function imageParts(image: string): { readonly host: string; readonly path: string } {
  const host = hostIn(image);
  return host === undefined ? { host: dockerHub, path: image } : { host, path: image.slice(host.length + 1) };
}

/** A branch in the form of an image tag or a label value: other characters become `-`. */
export function branchSegment(name: Branch): string {
  return name
    .replace(/[^A-Za-z0-9_.-]/g, "-")
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}

/**
 * A tag of an image built from `commit`.
 * @param commit the first seven characters of the commit, or an expression that yields them
 */
export function tagOf(template: TagTemplate, name: Branch, commit: string): string {
  return template.replaceAll("{branch}", branchSegment(name)).replaceAll("{sha7}", commit);
}

/** The tag of a commit's image for one of several architectures. The commit's tag itself is that of their index. */
export function architectureTag(commit: TagTemplate, architecture: string): TagTemplate {
  return `${commit}-${architecture}` as TagTemplate;
}

/** The tag that deployments follow: the first moving tag, or that of the pinned commit. */
export function followedTag(
  tags: { readonly commit: TagTemplate; readonly moving: readonly [TagTemplate, ...TagTemplate[]] },
  name: Branch,
  pin: Commit | undefined,
): string {
  return pin === undefined ? tagOf(tags.moving[0], name, "") : tagOf(tags.commit, name, pin.slice(0, 7));
}

/** The HTTPS address of a page, with its NodePort if it has one. */
export function pageAddress(host: string, nodePort: number | undefined): string {
  return `https://${host}${nodePort === undefined ? "" : `:${nodePort.toString()}`}`;
}

/** A regular expression that matches exactly this text. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A pattern as an unanchored regular expression: `*` is any run of characters that an image tag may contain. */
export function patternExpression(pattern: GitTagPattern | BranchPattern): string {
  return escapeRegExp(pattern).replaceAll("\\*", "[A-Za-z0-9_.-]*");
}

/** A name with a suffix, shortened to fit Kubernetes' 63 characters. */
export function suffixed(name: DnsLabel, suffix: string): DnsLabel {
  return `${name.slice(0, 62 - suffix.length).replace(/-+$/, "")}-${suffix}` as DnsLabel;
}

/**
 * The prefix of the names of a build's Workflows: the name of its template, shortened so that a commit and a delivery
 * fit into the 63 characters too.
 */
export function workflowPrefix(template: DnsLabel): DnsLabel {
  return shortened(template, 41);
}

/** A name of limited length. Long names with the same beginning differ in the hash. */
function shortened(name: DnsLabel, length: number): DnsLabel {
  if (name.length <= length) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, length - 9)}-${hash}` as DnsLabel;
}

/** Argo CD's name for a project's channel, short enough for an annotation key of 63 characters. */
export function channelName(channel: string, project: DnsLabel): string {
  return `${channel}-${shortened(project, 30)}`;
}

/** The Secret with the addresses of a project's channels, in the namespaces of its builds. */
export function notificationSecret(project: string): DnsLabel {
  return ofProject(project, "notifications");
}

/** The Secret from which Argo CD's notifications read their values. Argo CD prescribes the name. */
export const argoCdNotificationsSecret = dnsLabelOf("argocd-notifications-secret");

/** The WorkflowTemplate and the CronWorkflow that start the builds of lost pushes. */
export const catchUp = dnsLabelOf("catch-up");

/** Secrets with fixed names. */
export const statusSecret = dnsLabelOf("github-status");
export const appSecret = dnsLabelOf("github-app");
export const logSecret = dnsLabelOf("build-logs");
export const signingSecret = dnsLabelOf("image-signing");
export const argoCdWebhookSecret = dnsLabelOf("argocd-github-webhook");
export const updaterSecret = dnsLabelOf("image-updater-webhook");
export const signOnSecret = dnsLabelOf("sign-on");
export const pushWebhookSecret = dnsLabelOf("github-webhook");

/** The Service of the webhooks that have a NodePort. */
export const webhookNodePorts = dnsLabelOf("github-webhook-nodeport");

/** The name of the GitHub App's deliveries. If it has any, no project may have this name. */
export const appDeliveries = dnsLabelOf("github-app");

/** The default name of the Secret with the keys that a project's builds use. */
export function buildSecret(project: string): DnsLabel {
  return ofProject(project, "build");
}

export function cloneSecret(project: string): DnsLabel {
  return ofProject(project, "clone");
}

/** @param project the project's key in the stack file, already checked as a name */
function ofProject(project: string, suffix: string): DnsLabel {
  return suffixed(project as DnsLabel, suffix);
}

/** The Secret with an owner's own token for statuses. */
export function ownerStatusSecret(owner: Owner): DnsLabel {
  return suffixed(owner.toLowerCase() as DnsLabel, "github-status");
}

/** The EventSource's default port, and those above it. */
const ports = { first: 12000, count: 20_000 } as const;

/**
 * Port of the EventSource for a project's deliveries. It is derived from the project's name alone, so adding or
 * removing another project does not move it while deliveries to the old port are in flight.
 */
export function eventPort(project: string): number {
  return ports.first + (hash(project) % ports.count);
}

/** The minute of the day at which a stack starts its recurring work, so that stacks do not all start at once. */
export function minuteOfDay(stack: string): number {
  // The upper half, because the lower bits of short names are similar.
  return (hash(stack) >>> 16) % 1440;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  const signed = Array.from(text).reduce(
    (value, character) => Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193),
    0x811c9dc5,
  );
  return signed >>> 0;
}
