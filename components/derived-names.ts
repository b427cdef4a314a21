/** The names that follow from others: of objects, images, tags and Secrets. Casts keep the rule of the name they start from. */
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
 * The name of a repository's Kubernetes objects. Two repositories can have the same one (`a.b` and `a_b`):
 * settings refuse that.
 */
export function objectName(repository: RepositoryName): DnsLabel {
  return repository
    .toLowerCase()
    .replace(/[._]/g, "-")
    .replace(/^-+|-+$/g, "") as DnsLabel;
}

/** An image without its tag. Docker Hub's own host is left out, as in the manifests of the cluster repositories. */
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
 * The host that an image's name begins with, if it does (distribution `reference`: what stands first is a host if it has a dot or
 * a port, or is `localhost`).
 */
export function hostIn(image: string): string | undefined {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : undefined;
}

/** The host of an image's registry, and where it is there. */
export function imageParts(image: string): { readonly host: string; readonly path: string } {
  const host = hostIn(image);
  return host === undefined ? { host: dockerHub, path: image } : { host, path: image.slice(host.length + 1) };
}

/** A branch as an image tag and as a label's value carry it: other characters become `-`. */
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

/** The tag of one architecture's image of a commit: where there are several, only the index of all has the commit's. */
export function architectureTag(commit: TagTemplate, architecture: string): TagTemplate {
  return `${commit}-${architecture}` as TagTemplate;
}

/** The tag that deployments follow: the first that moves, or that of the commit which holds them. */
export function followedTag(
  tags: { readonly commit: TagTemplate; readonly moving: readonly [TagTemplate, ...TagTemplate[]] },
  name: Branch,
  pin: Commit | undefined,
): string {
  return pin === undefined ? tagOf(tags.moving[0], name, "") : tagOf(tags.commit, name, pin.slice(0, 7));
}

/** The address of a page that browsers reach by HTTPS, at a port of the nodes where there is one. */
export function pageAddress(host: string, nodePort: number | undefined): string {
  return `https://${host}${nodePort === undefined ? "" : `:${nodePort.toString()}`}`;
}

/** A text as a regular expression that matches just that text. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A regular expression, not anchored, of the tags or branches, in which `*` is any run of what an image's tag may have. */
export function patternExpression(pattern: GitTagPattern | BranchPattern): string {
  return escapeRegExp(pattern).replaceAll("\\*", "[A-Za-z0-9_.-]*");
}

/** A name with a suffix, shortened where Kubernetes' 63 characters are not enough. */
export function suffixed(name: DnsLabel, suffix: string): DnsLabel {
  return `${name.slice(0, 62 - suffix.length).replace(/-+$/, "")}-${suffix}` as DnsLabel;
}

/**
 * What the name of a build's Workflow begins with: that of its template, which may be longer than what a commit and a delivery
 * leave of 63 characters. Two that begin the same differ in the hash.
 */
export function workflowPrefix(template: DnsLabel): DnsLabel {
  return shortened(template, 41);
}

/** Two long names that begin the same differ in the hash. */
function shortened(name: DnsLabel, length: number): DnsLabel {
  if (name.length <= length) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, length - 9)}-${hash}` as DnsLabel;
}

/** Argo CD's name of a project's channel: the key of an annotation has room for it, which has 63 characters. */
export function notifier(channel: string, project: DnsLabel): string {
  return `${channel}-${shortened(project, 30)}`;
}

/** The addresses of a project's channels, beside its builds. */
export function notificationSecret(project: string): DnsLabel {
  return ofProject(project, "notifications");
}

/** Argo CD's own name for the secrets of its notifications. */
export const argoCdNotificationsSecret = dnsLabelOf("argocd-notifications-secret");

/** The WorkflowTemplate and the CronWorkflow that start what no push has started. */
export const catchUp = dnsLabelOf("catch-up");

/** Secrets whose names no setting changes. */
export const statusSecret = dnsLabelOf("github-status");
export const appSecret = dnsLabelOf("github-app");
export const logSecret = dnsLabelOf("build-logs");
export const signingSecret = dnsLabelOf("image-signing");
export const argoCdWebhookSecret = dnsLabelOf("argocd-github-webhook");
export const updaterSecret = dnsLabelOf("image-updater-webhook");
export const signOnSecret = dnsLabelOf("sign-on");
export const pushWebhookSecret = dnsLabelOf("github-webhook");

/** The Service of the webhooks that are served on ports of every node. */
export const webhookNodePorts = dnsLabelOf("github-webhook-nodeport");

/** Names the GitHub App's deliveries; no project is called so where there are some. */
export const appDeliveries = dnsLabelOf("github-app");

/** The Secret of the keys that a project's builds name, where the stack gives it no other name. */
export function buildSecret(project: string): DnsLabel {
  return ofProject(project, "build");
}

export function cloneSecret(project: string): DnsLabel {
  return ofProject(project, "clone");
}

/** @param project its key in the stack file, which is checked as a name before anything is made of it */
function ofProject(project: string, suffix: string): DnsLabel {
  return suffixed(project as DnsLabel, suffix);
}

/** The token of statuses of one owner, where it has one of its own. */
export function ownerStatusSecret(owner: Owner): DnsLabel {
  return suffixed(owner.toLowerCase() as DnsLabel, "github-status");
}

/** The EventSource's own default, and those above it. */
const ports = { first: 12000, count: 20_000 } as const;

/**
 * Port of the EventSource for a project's deliveries, made of the project's name alone: no other project's coming or going
 * moves it, with deliveries under way to the old one.
 */
export function eventPort(project: string): number {
  return ports.first + (hash(project) % ports.count);
}

/** The minute of a day at which a stack begins what it does again and again: stacks do not all begin at the same. */
export function minuteOfDay(stack: string): number {
  // The upper half: the lower bits of short names are much alike.
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
