/** What follows from the settings for several subjects: where things are, and at which address. */
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

/** What a stack file says, without what is secret in it. */
export type Plain = Omit<Parsed, "secrets">;

export function namespacesOfApplications({ applications }: ProjectSettings): DnsLabel[] {
  return [...new Set(applications.map(({ namespace }) => namespace))];
}

/** The Secret of the logins that builds have, where there are some. */
export function pullSecretOf({ registry, registries }: Plain): DnsSubdomain | undefined {
  const { username, login, pullSecret } = registry;
  const all = [username, ...Object.values(registries).map((one) => one.username)];
  return login === "external" || all.some((one) => one !== undefined) ? pullSecret : undefined;
}

/** Where the Image Updater is notified of new images: its chart's Service. */
export function updaterUrl({ namespaces }: Plain): string {
  return `http://argocd-image-updater.${namespaces.delivery}.svc:8080/webhook`;
}

/** The events of which a project's builds notify people; Argo CD does so of the others. */
export function eventsOfBuilds({ notifications, repositories }: ProjectSettings): BuildEvent[] {
  if (repositories.length === 0) return [];
  return (notifications?.on ?? []).filter((event) => event !== "deployed");
}

/** The number of the GitHub App as whose check runs builds of an owner's repositories are reported; absent where commit statuses are set. */
export function checkingApp({ github }: Pick<Plain, "github">, owner: Owner): number | undefined {
  const { app } = github;
  if (app?.checks === undefined || installationOf(app, owner) === undefined) return undefined;
  return app.id;
}

/** Where the App's own deliveries arrive; absent where it has none. */
export function appListener({ github: { app } }: Pick<Plain, "github">): ListenerSettings | undefined {
  return app?.checks === undefined ? undefined : resolveListener(appDeliveries, app.checks);
}

/** Whether pods of a project's builds make tokens with the GitHub App. */
export function makesTokens(project: ProjectSettings, { github, delivery }: Plain): boolean {
  return (
    installationOf(github.app, project.owner) !== undefined &&
    project.repositories.length > 0 &&
    (project.private || reportsToGitHub({ github, delivery }) || eventsOfBuilds(project).length > 0)
  );
}

/**
 * Whether a commit of a fork is built where a person names it. Not where the build has something that its author could then read: secrets,
 * or other repositories that `.gitmodules` may name and the token reads.
 *
 * @param hasToken whether it is cloned with a token
 */
export function takesForks(
  { secrets, buildArgs, submodules }: RepositorySettings,
  hasToken: boolean,
): boolean {
  return secrets.length === 0 && buildArgs.length === 0 && !(submodules && hasToken);
}

/** The address of a page, as far as the settings know it. */
export function pageUrl(host: string | undefined, nodePort: number | undefined): string {
  return host === undefined && nodePort === undefined
    ? "inside the cluster only; see kubectl port-forward"
    : pageAddress(host ?? "<any node>", nodePort);
}

/** A GitHub Enterprise Server has its API below its own address. */
export function githubApi({ github: { url } }: Pick<Plain, "github">): string {
  return url === "https://github.com" ? "https://api.github.com" : `${url}/api/v3`;
}
