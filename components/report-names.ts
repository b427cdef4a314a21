/** What builds call themselves at GitHub. */
import type { RepositoryName } from "./names.ts";

/** Begins the name of whatever a stack's builds report to GitHub of a commit. */
export function reportPrefix(stack: string): string {
  return `argo-cicd/${stack}`;
}

/** The services of one repository each say their own. */
export function ofService(
  name: string,
  { name: repository, service }: { readonly name: RepositoryName; readonly service: RepositoryName },
): string {
  return service === repository ? name : `${name}/${service}`;
}
