/**
 * Checked names. Those that are derived from them are in derived-names.ts.
 *
 * Only a parser returns a branded string, so a function that takes a `DnsLabel` cannot receive a
 * branch name by mistake.
 */

import { hostAndPort } from "./hosts.ts";

declare const brand: unique symbol;
type Branded<Brand extends string> = string & { readonly [brand]: Brand };

/** The name of a Kubernetes object that is also a valid host name label and label value (RFC 1123, 63 characters). */
export type DnsLabel = Branded<"DnsLabel">;
/** The name of a Kubernetes object that has no other use: a DNS subdomain (RFC 1123), which may contain dots. */
export type DnsSubdomain = DnsLabel | Branded<"DnsSubdomain">;
/** A GitHub repository's name without its owner. */
export type RepositoryName = Branded<"RepositoryName">;
/** A GitHub user or organization. */
export type Owner = Branded<"Owner">;
/** A git branch without `refs/heads/`. */
export type Branch = Branded<"Branch">;
/** The name of an environment variable, and of a Secret's key. */
export type VariableName = Branded<"VariableName">;
/** A registry's address as in image names: host and optional port. */
export type RegistryHost = Branded<"RegistryHost">;
/** The path before the repository in an image's name, e.g. a Docker Hub user. */
export type ImageNamespace = Branded<"ImageNamespace">;
/** The name of an image after its namespace. */
export type ImageRepository = Branded<"ImageRepository">;
/** A stage of a Dockerfile. */
export type StageName = Branded<"StageName">;
/** A template of an image tag: may contain `{branch}` and `{sha7}`. */
export type TagTemplate = Branded<"TagTemplate">;
/** A pattern of branches, with `*` for any run of characters except `/`. */
export type BranchPattern = Branded<"BranchPattern">;
/** A pattern of git tags, with `*` for any run of characters. */
export type GitTagPattern = Branded<"GitTagPattern">;
/** A commit hash, of at least the seven characters that are in its image's tag. */
export type Commit = Branded<"Commit">;

/** The rule of a name. */
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

/** Kubernetes' `NameIsDNSSubdomain`, as for a StorageClass, an IngressClass or a Secret. */
export const dnsSubdomain: NameRule<DnsSubdomain> = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  max: 253,
  rule: "at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends and on both sides of each '.' (a Kubernetes name, RFC 1123)",
  example: "shop.example.com",
};

export const repositoryName: NameRule<RepositoryName> = {
  // No name on GitHub ends in .git, the suffix of clone URLs.
  pattern: /^(?!.*\.git$)[A-Za-z0-9._-]*[A-Za-z0-9][A-Za-z0-9._-]*$/,
  max: 63,
  rule: "a GitHub repository without its owner and without .git, at most 63 letters, digits, '.', '_' and '-' (it also names Kubernetes objects)",
  example: "alog-front-web",
};

export const owner: NameRule<Owner> = {
  pattern: /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/,
  max: 39,
  rule: "a GitHub user or organization, at most 39 letters, digits and '-'",
  example: "KEA-ACCELER",
};

export const branch: NameRule<Branch> = {
  // The rules of git-check-ref-format, without unlikely characters that regular expressions or shells interpret.
  // The first 63 characters include a letter or digit, so that an image tag keeps something of the branch.
  pattern:
    /^(?!-|HEAD$|refs\/|.*\.\.)(?=.{0,62}[A-Za-z0-9])(?!\.)[A-Za-z0-9._+#=@-]+(?<!\.lock)(\/(?!\.)[A-Za-z0-9._+#=@-]+(?<!\.lock))*(?<!\.)$/,
  max: 200,
  rule: "a branch name that git accepts, without refs/heads/",
  example: "develop",
};

export const variableName: NameRule<VariableName> = {
  pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  max: 253,
  rule: "an environment variable name: letters, digits and '_', not beginning with a digit",
  example: "REACT_APP_CLIENT_ID",
};

export const registryHost: NameRule<RegistryHost> = {
  pattern: new RegExp(`^${hostAndPort}$`),
  max: 253,
  rule: "a registry host with an optional port, without https:// and without a path",
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

/** As BuildKit accepts it: the stage's name after `AS`, in upper or lower case, or its number. */
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

export const branchPattern: NameRule<BranchPattern> = {
  // As long as a branch may be that is built this way. Git allows no `..`, `//` or `/.` in a branch.
  pattern: /^(?!HEAD$|refs\/|.*(\*\*|\.\.|\/\/|\/\.))[A-Za-z0-9*]([A-Za-z0-9._\/*-]*[A-Za-z0-9*])?$/,
  max: 56,
  rule: "a branch or, with '*', a pattern of branches, without refs/heads/: at most 56 letters, digits, '.', '_', '-' and '/', where '*' is any run of characters except '/'; '**' is not allowed",
  example: "feature/*",
};

export const gitTagPattern: NameRule<GitTagPattern> = {
  pattern: /^[A-Za-z0-9_*][A-Za-z0-9_.*-]*$/,
  max: 63,
  rule: "at most 63 letters, digits, '_', '.' and '-', as in an image tag, with '*' for any run of these",
  example: "v*",
};

export const commit: NameRule<Commit> = {
  pattern: /^[0-9a-f]{7,40}$/,
  max: 40,
  rule: "a commit: 7 to 40 characters of its hash, 0-9 and a-f, in quotes if all are digits",
  example: '"1a2b3c4"',
};

/** The checked name, or `undefined` if it breaks the rule. */
export function parseName<Name extends string>(rule: NameRule<Name>, text: string): Name | undefined {
  return text.length <= rule.max && rule.pattern.test(text) ? (text as Name) : undefined;
}

/**
 * A name that is a constant of this program.
 * @throws Error if it breaks the rule, which is a bug
 */
export function dnsLabelOf(text: string): DnsLabel {
  const name = parseName(dnsLabel, text);
  if (name === undefined) throw new Error(`${text} is not ${dnsLabel.rule}`);
  return name;
}
