/** Which secret values a stack needs, and which stand where nothing reads them. */
import { entries } from "./entries.ts";
import type { Fault } from "./faults.ts";
import { joinPath } from "./faults.ts";
import { unknownKeyFix } from "./fields.ts";
import type { Readable } from "./parse.ts";
import type { Project } from "./project-schema.ts";

/** Values under `secrets` that nothing reads: most often a misspelt name. */
export function strangeSecrets({ projects, secrets, raw }: Readable): Fault[] {
  const declared = entries(raw["projects"]).map(([key]) => key);
  return entries(secrets?.projects ?? {}).flatMap(([key, values]): Fault[] => {
    const path = joinPath("secrets.projects", [key]);
    if (!declared.includes(key)) {
      return [{ path, rule: "unknown project", fix: unknownKeyFix(key, declared) }];
    }
    const project = projects[key];
    if (project === undefined) return [];
    const known = secretKeys(project);
    return Object.keys(values)
      .filter((value) => !known.includes(value))
      .map((value) => ({
        path: joinPath(path, [value]),
        rule: `no build argument and no key of projects.${key}.secret has this name`,
        fix: unknownKeyFix(value, known),
      }));
  });
}

/** Every secret that the stack needs and that has no value. */
export function missingSecrets({ stack, projects, secrets }: Readable): Fault[] {
  // What cannot be read is told already.
  if (secrets === undefined) return [];
  const wanted: [string, string | undefined][] = [
    ["githubToken", secrets.githubToken],
    ...(stack.registry?.username === undefined
      ? []
      : [["registryPassword", secrets.registryPassword] satisfies [string, string | undefined]]),
    ...entries(projects).flatMap(([key, project]) =>
      secretKeys(project).map((name): [string, string | undefined] => [
        joinPath("projects", [key, name]),
        secrets.projects[key]?.[name],
      ]),
    ),
  ];
  return wanted.flatMap(([name, value]) => (value === undefined ? [missing(`secrets.${name}`)] : []));
}

function missing(path: string): Fault {
  return {
    path,
    rule: "a secret without a value",
    fix: `pulumi config set --secret --path '${path}'`,
    missingSecret: true,
  };
}

/** The keys whose values a project needs: those of its Secret and those that its builds name. */
export function secretKeys(project: Pick<Project, "secret" | "repositories">): string[] {
  const named = project.repositories.flatMap(({ buildArgs }) => buildArgs);
  return [...new Set<string>([...(project.secret?.keys ?? []), ...named])];
}
