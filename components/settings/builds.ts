/** Rules between keys of builds. */
import type { BuilderName } from "../builds/builders/builders.ts";
import { builders } from "../builds/builders/builders.ts";
import { insteadOf } from "../builds/builders/flags.ts";
import { duplicates } from "./duplicates.ts";
import type { Occurrence } from "./duplicates.ts";
import { entries } from "../entries.ts";
import { architectureLabel } from "./build-schema.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import type { Readable } from "./readable.ts";
import { repositoriesOf } from "./readable.ts";

/** The value of a build argument is either a secret or in the stack file. */
export function duplicateBuildArgs(config: Readable): SettingError[] {
  return repositoriesOf(config).flatMap(({ repository: { buildArgs, args, secrets }, at }) => {
    const named = (key: "buildArgs" | "secrets", names: readonly string[]): Occurrence[] =>
      names.map((name, position) => ({ path: at(key, position), value: name, key: name }));
    const plain = entries(args).map(([name, value]) => ({ path: at("args", name), value, key: name }));
    return [
      ...duplicates(
        [...named("buildArgs", buildArgs), ...plain],
        "a build argument may occur only once",
        fix,
      ),
      ...duplicates(named("secrets", secrets), "a secret may occur only once", fix),
    ];
  });
}

const fix = "remove one of the two";

/** A login in a plain value would be readable in the stack file and in the image's history. */
export function loginsInArguments(config: Readable): SettingError[] {
  return repositoriesOf(config).flatMap(({ repository: { args }, at }) =>
    entries(args)
      .filter(([, value]) => /[a-z]:\/\/[^/@\s]+:[^/@\s]+@/i.test(value))
      .map(([name]) => ({
        path: at("args", name),
        rule: "an address without a user and a password, which would be in plain text here and in the image's history",
        fix: "remove them and replace the password, and let the Dockerfile mount it as one of `secrets`",
      })),
  );
}

/** Refuses flags that a key of the stack file sets, or that the program relies on. */
export function reservedFlags(config: Readable): SettingError[] {
  const { builds } = config.stack;
  const { builder: shared = "kaniko", builderFlags = [] } = builds ?? {};
  return [
    ...ownFlagsAt("builds.builderFlags", shared, builderFlags),
    ...repositoriesOf(config).flatMap(({ repository, at }) =>
      ownFlagsAt(at("builderFlags"), repository.builder ?? shared, repository.builderFlags ?? []),
    ),
  ];
}

function ownFlagsAt(path: string, builder: BuilderName, flags: readonly string[]): SettingError[] {
  return flags.flatMap((value, position) => {
    const fix = insteadOf(value, builders[builder].reservedFlags);
    const rule = `the program sets this flag of ${builder} itself`;
    return fix === undefined ? [] : [{ path: joinPath(path, [position]), value, rule, fix }];
  });
}

/** A node selector can name an architecture too. */
export function contradictingArchitectures(config: Readable): SettingError[] {
  const { builds } = config.stack;
  const ofStack = contradicts("builds", builds ?? {}, builds?.nodeSelector, builds?.architecture);
  if (ofStack.length > 0) return ofStack;
  return repositoriesOf(config).flatMap(({ repository, at }) =>
    contradicts(
      at(),
      repository,
      repository.nodeSelector ?? builds?.nodeSelector,
      repository.architecture ?? builds?.architecture,
    ),
  );
}

/** @param own the object at the path; the other arguments may come from the stack */
function contradicts(
  path: string,
  own: { readonly nodeSelector?: Labels | undefined },
  nodeSelector: Labels | undefined,
  architecture: readonly string[] | undefined,
): SettingError[] {
  const label = nodeSelector?.[architectureLabel];
  if (label === undefined || architecture === undefined) return [];
  return [
    own.nodeSelector === undefined
      ? {
          path: joinPath(path, ["architecture"]),
          value: architecture.join(", "),
          rule: `builds.nodeSelector already names an architecture, with ${architectureLabel}`,
          fix: `write builds.architecture: ${label} instead of that label`,
        }
      : {
          path: joinPath(path, ["nodeSelector", architectureLabel]),
          value: label,
          rule: `architecture (${architecture.join(", ")}) already sets this label`,
          fix: "remove one of the two",
        },
  ];
}

type Labels = Readonly<Record<string, string>>;
