/** What several subjects derive from the settings: namespaces, addresses, events of webhooks, and secret values. */
import { appDeliveries, pageAddress } from "../derived-names.ts";
import type { BuildEvent } from "../kinds/notifications.ts";
import type { DnsLabel, DnsSubdomain, Owner } from "../names.ts";
import { installationOf } from "./github.ts";
import type { Parsed } from "./parse.ts";
import type { ListenerSettings } from "./listener.ts";
import { resolveListener } from "./listener.ts";
import type { ProjectSettings, RepositorySettings } from "./resolve.ts";
import { reportsToGitHub } from "./secrets.ts";

export { namespaceOf, namespacesOf, namespacesOfBuilds } from "../builds/builders/namespaces.ts";

/** The settings without secret values. */
export type PublicSettings = Omit<Parsed, "secrets">;

export function namespacesOfApplications({ applications }: ProjectSettings): DnsLabel[] {
  return [...new Set(applications.map(({ namespace }) => namespace))];
}

/** The Secret with the logins of builds; undefined if they have none. */
export function pullSecretOf({ registry, registries }: PublicSettings): DnsSubdomain | undefined {
  const { username, login, pullSecret } = registry;
  const all = [username, ...Object.values(registries).map((one) => one.username)];
  return login === "external" || all.some((one) => one !== undefined) ? pullSecret : undefined;
}

/** The address at which the Image Updater is notified of new images: its chart's Service. */
export function updaterUrl({ namespaces }: PublicSettings): string {
  return `http://argocd-image-updater.${namespaces.delivery}.svc:8080/webhook`;
}

/** The events for which a project's builds send notifications. Argo CD sends those for the others. */
export function eventsOfBuilds({ notifications, repositories }: ProjectSettings): BuildEvent[] {
  if (repositories.length === 0) return [];
  return (notifications?.on ?? []).filter((event) => event !== "deployed");
}

/** The ID of the GitHub App that reports an owner's builds as check runs; undefined if they are commit statuses. */
export function checkingApp({ github }: Pick<PublicSettings, "github">, owner: Owner): number | undefined {
  const { app } = github;
  if (app?.checks === undefined || installationOf(app, owner) === undefined) return undefined;
  return app.id;
}

/** The endpoint of the App's own deliveries; undefined if it has none. */
export function appListener({
  github: { app },
}: Pick<PublicSettings, "github">): ListenerSettings | undefined {
  return app?.checks === undefined ? undefined : resolveListener(appDeliveries, app.checks);
}

/** Whether pods of a project's builds create tokens with the GitHub App. */
export function makesTokens(project: ProjectSettings, { github, delivery }: PublicSettings): boolean {
  return (
    installationOf(github.app, project.owner) !== undefined &&
    project.repositories.length > 0 &&
    (project.private || reportsToGitHub({ github, delivery }) || eventsOfBuilds(project).length > 0)
  );
}

/**
 * Whether a fork's commit is built if a person names it in a comment. It is not if its author could then read something
 * of the build: secrets, or other repositories, which `.gitmodules` may name and the token can read.
 *
 * @param hasToken whether it is cloned with a token
 */
export function takesForks(
  { secrets, buildArgs, submodules }: RepositorySettings,
  hasToken: boolean,
): boolean {
  return secrets.length === 0 && buildArgs.length === 0 && !(submodules && hasToken);
}

/** The address of a page, as far as it is in the settings. */
export function pageUrl(host: string | undefined, nodePort: number | undefined): string {
  return host === undefined && nodePort === undefined
    ? "inside the cluster only; see kubectl port-forward"
    : pageAddress(host ?? "<any node>", nodePort);
}

/** The API of a GitHub Enterprise Server is below its own address. */
export function githubApi({ github: { url } }: Pick<PublicSettings, "github">): string {
  return url === "https://github.com" ? "https://api.github.com" : `${url}/api/v3`;
}
