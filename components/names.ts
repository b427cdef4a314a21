/**
 * Names that have been checked; derived-names.ts has those that follow from them.
 *
 * A branded string can only be had from a parser, so a function that takes a `DnsLabel` cannot be
 * given a branch name by mistake.
 */

import { hostAndPort } from "./hosts.ts";

declare const brand: unique symbol;
type Branded<Brand extends string> = string & { readonly [brand]: Brand };

/** A name of a Kubernetes object that also serves as host name part and label value (RFC 1123, 63 characters). */
export type DnsLabel = Branded<"DnsLabel">;
/** A name of a Kubernetes object that is nothing else: a subdomain of DNS (RFC 1123), which may have dots. */
export type DnsSubdomain = DnsLabel | Branded<"DnsSubdomain">;
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
/** Branches, with `*` for any run of characters without `/`. */
export type BranchPattern = Branded<"BranchPattern">;
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

/** Kubernetes' `NameIsDNSSubdomain`, as for a StorageClass, an IngressClass or a Secret. */
export const dnsSubdomain: NameRule<DnsSubdomain> = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  max: 253,
  rule: "at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends and on both sides of each '.' (a Kubernetes name, RFC 1123)",
  example: "shop.example.com",
};

export const repositoryName: NameRule<RepositoryName> = {
  // GitHub has no name that ends in .git, which is what clone addresses end in.
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
  // git-check-ref-format's rules, and no regular expression or shell character that is legal but never meant; a letter or digit
  // is what an image's tag has of it
  pattern:
    /^(?!-|HEAD$|refs\/|.*\.\.)(?=.{0,62}[A-Za-z0-9])(?!\.)[A-Za-z0-9._+#=@-]+(?<!\.lock)(\/(?!\.)[A-Za-z0-9._+#=@-]+(?<!\.lock))*(?<!\.)$/,
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
  pattern: new RegExp(`^${hostAndPort}$`),
  max: 253,
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

export const branchPattern: NameRule<BranchPattern> = {
  // As long as a branch may be that is built so; git has none with `..`, `//` or `/.`
  pattern: /^(?!HEAD$|refs\/|.*(\*\*|\.\.|\/\/|\/\.))[A-Za-z0-9*]([A-Za-z0-9._\/*-]*[A-Za-z0-9*])?$/,
  max: 56,
  rule: "a branch without refs/heads/, or with '*' a pattern of branches: at most 56 letters, digits, '.', '_', '-' and '/', where '*' is any run of characters without '/', and there is no '**'",
  example: "feature/*",
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
 * A name that stands in this program.
 * @throws Error where it breaks the rule: a mistake in the program
 */
export function dnsLabelOf(text: string): DnsLabel {
  const name = parseName(dnsLabel, text);
  if (name === undefined) throw new Error(`${text} is not ${dnsLabel.rule}`);
  return name;
}
