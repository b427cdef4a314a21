/**
 * Names that have been checked, and the rules of the names that are derived from them.
 *
 * A branded string can only be had from a parser, so a function that takes a `DnsLabel` cannot be
 * given a branch name by mistake.
 */

declare const brand: unique symbol;
type Branded<Brand extends string> = string & { readonly [brand]: Brand };

/** A name of a Kubernetes object that also serves as host name part and label value (RFC 1123, 63 characters). */
export type DnsLabel = Branded<"DnsLabel">;
/** A GitHub repository's name without its owner. */
export type RepositoryName = Branded<"RepositoryName">;
/** A GitHub user or organization. */
export type Owner = Branded<"Owner">;
/** A git branch without `refs/heads/`. */
export type Branch = Branded<"Branch">;
/** The name of an environment variable, and of a Secret's key. */
export type VariableName = Branded<"VariableName">;
/** A registry's address as image names carry it: host and optional port. */
export type RegistryHost = Branded<"RegistryHost">;
/** The path before the repository in an image's name, e.g. a Docker Hub user. */
export type ImageNamespace = Branded<"ImageNamespace">;
/** The name of an image after its namespace. */
export type ImageRepository = Branded<"ImageRepository">;
/** A stage of a Dockerfile. */
export type StageName = Branded<"StageName">;
/** A template of an image tag: may hold `{branch}` and `{sha7}`. */
export type TagTemplate = Branded<"TagTemplate">;
/** Tags of git, with `*` for any rest. */
export type GitTagPattern = Branded<"GitTagPattern">;
/** A commit, by at least the seven characters that name its image. */
export type Commit = Branded<"Commit">;

/** What a name must be like. */
export interface NameRule<Name extends string> {
  readonly pattern: RegExp;
  readonly max: number;
  /** The rule as an error shows it. */
  readonly rule: string;
  readonly example: string;
  /** Never read; it ties the rule to the brand. */
  readonly of?: Name;
}

export const dnsLabel: NameRule<DnsLabel> = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  max: 63,
  rule: "at most 63 lower-case letters, digits and '-', with a letter or digit at both ends (a Kubernetes name, RFC 1123)",
  example: "alog",
};

export const repositoryName: NameRule<RepositoryName> = {
  pattern: /^[A-Za-z0-9._-]*[A-Za-z0-9][A-Za-z0-9._-]*$/,
  max: 63,
  rule: "a GitHub repository without its owner, at most 63 letters, digits, '.', '_' and '-' (it also names Kubernetes objects)",
  example: "alog-front-web",
};

export const owner: NameRule<Owner> = {
  pattern: /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/,
  max: 39,
  rule: "a GitHub user or organization, at most 39 letters, digits and '-'",
  example: "KEA-ACCELER",
};

export const branch: NameRule<Branch> = {
  // git-check-ref-format's rules, and no regular expression or shell character that is legal but never meant
  pattern: /^(?!\/|.*\/\/|.*\.\.|.*\/$|.*\.lock$|refs\/)[A-Za-z0-9._/+#=@-]+(?<!\.)$/,
  max: 200,
  rule: "a branch name as git takes it, without refs/heads/",
  example: "develop",
};

export const variableName: NameRule<VariableName> = {
  pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  max: 253,
  rule: "an environment variable's name: letters, digits and '_', not a digit first",
  example: "REACT_APP_CLIENT_ID",
};

export const registryHost: NameRule<RegistryHost> = {
  pattern: /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/,
  max: 255,
  rule: "a registry's host and optional port, without https:// and without a path",
  example: "registry.acceler.kr:30500",
};

export const imageNamespace: NameRule<ImageNamespace> = {
  pattern: /^[a-z0-9]+([._/-][a-z0-9]+)*$/,
  max: 128,
  rule: "the lower-case part of an image's name before the repository",
  example: "chromato99",
};

/** The name of an image after its namespace: one component of the distribution specification's `<name>`. */
export const imageRepository: NameRule<ImageRepository> = {
  pattern: /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/,
  max: 128,
  rule: "an image's name: lower-case letters and digits, with '.', '_', '__' or '-' between them",
  example: "alog-front-web",
};

/** As BuildKit takes it: a stage's name after `AS`, in any case, or its number. */
export const stageName: NameRule<StageName> = {
  pattern: /^([A-Za-z][A-Za-z0-9_.-]*|[0-9]+)$/,
  max: 128,
  rule: "a stage of a Dockerfile: a letter, then letters, digits, '_', '.' and '-'; or its number",
  example: "production",
};

export const tagTemplate: NameRule<TagTemplate> = {
  pattern: /^([A-Za-z0-9_]|\{branch\}|\{sha7\})([A-Za-z0-9_.-]|\{branch\}|\{sha7\})*$/,
  max: 100,
  rule: "letters, digits, '_', '.' and '-', with {branch} and {sha7} as the only placeholders",
  example: "{branch}-{sha7}",
};

export const gitTagPattern: NameRule<GitTagPattern> = {
  pattern: /^[A-Za-z0-9_*][A-Za-z0-9_.*-]*$/,
  max: 63,
  rule: "at most 63 letters, digits, '_', '.' and '-', as an image's tag has them, with '*' for any of these",
  example: "v*",
};

export const commit: NameRule<Commit> = {
  pattern: /^[0-9a-f]{7,40}$/,
  max: 40,
  rule: "a commit: 7 to 40 of its characters, 0-9 and a-f, in quotes where all are digits",
  example: '"1a2b3c4"',
};

/** The checked name, or `undefined` where it breaks the rule. */
export function parseName<Name extends string>(rule: NameRule<Name>, text: string): Name | undefined {
  return text.length <= rule.max && rule.pattern.test(text) ? (text as Name) : undefined;
}

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

/** The tag that deployments follow: the first that moves, or that of the commit which holds them. */
export function followedTag(
  tags: { readonly commit: TagTemplate; readonly moving: readonly [TagTemplate, ...TagTemplate[]] },
  name: Branch,
  pin: Commit | undefined,
): string {
  return pin === undefined ? tagOf(tags.moving[0], name, "") : tagOf(tags.commit, name, pin.slice(0, 7));
}

/** A text as a regular expression that matches just that text. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A regular expression, not anchored, of the tags. Each may be an image's tag too. */
export function gitTagExpression(pattern: GitTagPattern): string {
  return escapeRegExp(pattern).replaceAll("\\*", "[A-Za-z0-9_.-]*");
}

/** A name with a suffix, shortened where Kubernetes' 63 characters are not enough. */
export function suffixed(name: DnsLabel, suffix: string): DnsLabel {
  return `${name.slice(0, 62 - suffix.length).replace(/-+$/, "")}-${suffix}` as DnsLabel;
}

/**
 * A name that stands in this program.
 * @throws Error where it breaks the rule: a mistake in the program
 */
export function dnsLabelOf(text: string): DnsLabel {
  const name = parseName(dnsLabel, text);
  if (name === undefined) throw new Error(`${text} is not ${dnsLabel.rule}`);
  return name;
}

/** Secrets whose names no setting changes. */
export const statusSecret = dnsLabelOf("github-status");
export const logSecret = dnsLabelOf("build-logs");
export const argoCdWebhookSecret = dnsLabelOf("argocd-github-webhook");
export const updaterSecret = dnsLabelOf("image-updater-webhook");

/** The Secret of the keys that a project's builds name, where the stack gives it no other name. */
export function buildSecret(project: string): DnsLabel {
  return suffixed(project as DnsLabel, "build");
}

export function cloneSecret(project: string): DnsLabel {
  return suffixed(project as DnsLabel, "clone");
}

/** The EventSource's own default, and those above it. */
const ports = { first: 12000, count: 20_000 } as const;

/**
 * Port of the EventSource for a project's deliveries, made of the project's name alone: no other project's coming or going
 * moves it, with deliveries under way to the old one. (FNV-1a, 32 bits.)
 */
export function eventPort(project: string): number {
  const hash = Array.from(project).reduce(
    (value, character) => Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193),
    0x811c9dc5,
  );
  return ports.first + ((hash >>> 0) % ports.count);
}
