/** The files with which the catch-up program accesses git servers, GitHub and the registry. */
import * as derived from "../derived-names.ts";
import { statusSecret, updaterSecret } from "../derived-names.ts";
import type { Volume, VolumeMount } from "../kinds/kubernetes.ts";
import type { DnsLabel, DnsSubdomain, Owner, RepositoryName } from "../names.ts";
import type { TokenSource } from "../settings/secret-values.ts";
import { configMaps } from "./build.ts";
import { loginMount, loginVolumes } from "./steps/registry.ts";
import type { TokenPermission, TokenAccess } from "./steps/tokens.ts";
import { secretFile, tokenFile } from "./steps/tokens.ts";

/** A token and the repositories for which it is valid. */
interface ReadingToken {
  readonly token: TokenSource;
  readonly repositories: readonly RepositoryName[];
}

export interface ProjectToken extends ReadingToken {
  readonly project: DnsLabel;
}

export interface OwnerToken extends ReadingToken {
  readonly owner: Owner;
  /** The permission that is requested of the GitHub App. */
  readonly permission: TokenPermission["permission"];
}

/** The credentials of the catch-up program. */
export interface CatchUpTokens {
  /** The tokens of projects whose repositories are private. */
  readonly clones: readonly ProjectToken[];
  /** The token of each owner for reports to GitHub; empty if builds report nothing. */
  readonly reports: readonly OwnerToken[];
  readonly pullSecret: DnsSubdomain | undefined;
}

/** The key of the ConfigMap that lists the builds. */
export const buildsKey = "builds.json";

export const folders = {
  builds: "/builds",
  clone: "/clone-tokens",
  github: "/github-token",
  owners: "/github-tokens",
  login: "/registry-login",
  updater: "/updater-token",
};

/** Whether all owners use the stack's own token. */
function isShared({ reports }: CatchUpTokens): boolean {
  return reports.every(({ token }) => token === statusSecret);
}

/** The file with the token for reports, with `{owner}` if each owner has its own. */
export function reportFile(args: CatchUpTokens): string {
  if (args.reports.length === 0) return "";
  return isShared(args) ? `${folders.github}/token` : `${folders.owners}/{owner}/token`;
}

function reportTokens(args: CatchUpTokens): TokenAccess[] {
  const { reports } = args;
  if (isShared(args))
    return reports.slice(0, 1).map(() => secretFile(statusSecret, folders.github, statusSecret));
  return reports.map(({ owner, token, repositories, permission }) => {
    const grant = { permission, repositories };
    return tokenFile(derived.ownerStatusSecret(owner), `${folders.owners}/${owner}`, token, grant);
  });
}

/** What the program reads in addition to its own files, and its tokens. */
export function files(args: CatchUpTokens & { readonly delivery: object | undefined }) {
  const { clones, pullSecret, delivery } = args;
  const accesses = [
    ...clones.map(({ project, token, repositories }) => {
      const grant = { permission: "contents:read", repositories } as const;
      return tokenFile(derived.cloneSecret(project), `${folders.clone}/${project}`, token, grant);
    }),
    ...reportTokens(args),
    secretFile("updater-token", folders.updater, delivery === undefined ? undefined : updaterSecret),
  ];
  const volumes: Volume[] = [
    { name: "builds", configMap: { name: configMaps.catchUp, defaultMode: 0o444 } },
    ...accesses.flatMap((one) => one.volumes),
    ...loginVolumes(pullSecret),
  ];
  const mounts: VolumeMount[] = [
    { name: "builds", mountPath: folders.builds, readOnly: true },
    ...accesses.flatMap((one) => one.mounts),
    ...(pullSecret === undefined ? [] : [loginMount(folders.login)]),
  ];
  return { volumes, mounts, accesses };
}
