/** Flags of a builder's command line that a stack file gives, beside those that the program gives itself. */
import type { BuilderArgs, OwnFlags } from "./builder.ts";
import { asGiven } from "./values.ts";

/** What to do instead of giving a flag that is the program's own; `undefined` where a stack file may give it. */
export function insteadOf(flag: string, own: OwnFlags): string | undefined {
  const [name = "", key = ""] = flag.replace(/^--/, "").split("=");
  const names = [name, `${name}=${key}`, `${name}=${key.replace(/:.*/s, ":*")}`];
  return names.map((one) => own.get(one)).find((one) => one !== undefined);
}

/** Those of the stack file, with nothing filled in but the placeholders of a commit. */
export function givenFlags({ repository, branch }: BuilderArgs): string[] {
  return repository.builderFlags.map((flag) => asGiven(flag, branch));
}

/** The labels of every image, by which a build finds its commit. */
export const ownLabels = ["created", "revision", "source"].map((name) => `org.opencontainers.image.${name}`);
