/** The names under which builds report to GitHub. */
import type { RepositoryName } from "./names.ts";

/** Begins the name of every commit status and check run of a stack's builds. */
export function reportPrefix(stack: string): string {
  return `argo-cicd/${stack}`;
}

/** Distinguishes the services of one repository. */
export function serviceReportName(
  name: string,
  { name: repository, service }: { readonly name: RepositoryName; readonly service: RepositoryName },
): string {
  return service === repository ? name : `${name}/${service}`;
}
