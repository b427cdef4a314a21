/** The credentials with which pods of builds call GitHub: tokens, or the key of the GitHub App that creates them. */
import { appSecret } from "../../derived-names.ts";
import type { DnsLabel } from "../../names.ts";
import { makesTokens, namespaceOf } from "../../settings/places.ts";
import type { ProjectSettings } from "../../settings/resolve.ts";
import type { Settings } from "../../settings/settings.ts";
import type { SecretString } from "../../settings/secret-values.ts";
import type { SecretArgs } from "./secret-args.ts";

export function githubSecrets(namespace: DnsLabel, settings: Settings): SecretArgs[] {
  return [...statusTokens(namespace, settings), ...appKey(namespace, settings)];
}

/** One Secret for all owners that share a token, of those with builds in the namespace. */
function statusTokens(namespace: DnsLabel, settings: Settings): SecretArgs[] {
  const { owners } = settings.secrets;
  const tokens = new Map<DnsLabel, SecretString>();
  for (const { owner } of settings.projects.filter((project) => reportsFrom(namespace, project, settings))) {
    const access = owners.get(owner);
    if (access?.app !== undefined || access?.status === undefined) continue;
    tokens.set(access.status.secret, access.status.token);
  }
  return [...tokens].map(([name, token]) => ({ namespace, name, path: "github.statuses", data: { token } }));
}

/** The catch-up also reports for builds in other namespaces. */
function reportsFrom(namespace: DnsLabel, { repositories }: ProjectSettings, settings: Settings): boolean {
  const { builds, namespaces } = settings;
  if (builds.catchUp.enabled && namespace === namespaces.builds) return repositories.length > 0;
  return repositories.some(({ builder }) => namespaceOf(builder, settings) === namespace);
}

function appKey(namespace: DnsLabel, settings: Settings): SecretArgs[] {
  const { appKey: key } = settings.secrets;
  if (key === undefined || !settings.projects.some((project) => makesTokens(project, settings))) return [];
  return [{ namespace, name: appSecret, path: "github.app", data: { key } }];
}
