/** Flags of a builder's command line that a stack file sets, in addition to those that this program sets. */
import type { BuilderArgs, OwnFlags } from "./builder.ts";
import { asGiven } from "./values.ts";

/** What to do instead of setting a flag that this program sets; undefined if a stack file may set it. */
export function insteadOf(flag: string, own: OwnFlags): string | undefined {
  const [name = "", key = ""] = flag.replace(/^--/, "").split("=");
  const names = [name, `${name}=${key}`, `${name}=${key.replace(/:.*/s, ":*")}`];
  return names.map((one) => own.get(one)).find((one) => one !== undefined);
}

/** The flags of the stack file, in which only the placeholders of a commit are replaced. */
export function givenFlags({ repository, branch }: BuilderArgs): string[] {
  return repository.builderFlags.map((flag) => asGiven(flag, branch));
}

/** The labels of every image. By `revision`, a build finds the image of its commit. */
export const ownLabels = ["created", "revision", "source"].map((name) => `org.opencontainers.image.${name}`);
