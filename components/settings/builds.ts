/** Rules between the keys of builds. */
import { duplicates } from "./duplicates.ts";
import type { Occurrence } from "./duplicates.ts";
import { entries } from "../entries.ts";
import type { SettingError } from "./errors.ts";
import type { Readable } from "./readable.ts";
import { repositoriesOf } from "./readable.ts";

/** A build argument's value is a secret, or stands in the stack file. */
export function duplicateBuildArgs(config: Readable): SettingError[] {
  return repositoriesOf(config).flatMap(({ repository: { buildArgs, args, secrets }, at }) => {
    const named = (key: "buildArgs" | "secrets", names: readonly string[]): Occurrence[] =>
      names.map((name, position) => ({ path: at(key, position), value: name, key: name }));
    const plain = entries(args).map(([name, value]) => ({ path: at("args", name), value, key: name }));
    return [
      ...duplicates([...named("buildArgs", buildArgs), ...plain], "a build argument stands once", fix),
      ...duplicates(named("secrets", secrets), "a secret stands once", fix),
    ];
  });
}

const fix = "remove one of the two";
