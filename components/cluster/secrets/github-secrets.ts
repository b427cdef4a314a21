/** The credentials with which pods of builds call GitHub: tokens, or the key of the GitHub App that creates them. */
import { appSecret } from "../../derived-names.ts";
import type { DnsLabel } from "../../names.ts";
import { makesTokens } from "../../settings/places.ts";
import type { Settings } from "../../settings/settings.ts";
import type { SecretString } from "../../settings/secret-values.ts";
import type { SecretArgs } from "./secret-args.ts";

export function githubSecrets(namespace: DnsLabel, settings: Settings): SecretArgs[] {
  return [...statusTokens(namespace, settings), ...appKey(namespace, settings)];
}

/** One Secret for all owners that share a token. */
function statusTokens(namespace: DnsLabel, { secrets }: Settings): SecretArgs[] {
  const tokens = new Map<DnsLabel, SecretString>();
  for (const { status } of tokensOf(secrets))
    if (status !== undefined) tokens.set(status.secret, status.token);
  return [...tokens].map(([name, token]) => ({ namespace, name, path: "github.statuses", data: { token } }));
}

function tokensOf({ owners }: Settings["secrets"]) {
  return [...owners.values()].filter((access) => access.app === undefined);
}

function appKey(namespace: DnsLabel, settings: Settings): SecretArgs[] {
  const { appKey: key } = settings.secrets;
  if (key === undefined || !settings.projects.some((project) => makesTokens(project, settings))) return [];
  return [{ namespace, name: appSecret, path: "github.app", data: { key } }];
}
