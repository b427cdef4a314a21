/** What an edit destroys: the objects that go, and what the program refuses to lose. */
import { parse } from "yaml";
import { z } from "zod";
import { losses } from "../../components/cluster/losses.ts";
import type { StateResource } from "../../components/cluster/state-resources.ts";
import type { SettingError } from "../../components/settings/errors.ts";
import type { Settings } from "../../components/settings/settings.ts";
import { cascade } from "../../components/delivery/applications.ts";
import type { Change } from "../offline/folder.ts";

export interface Consequences {
  /** Errors that `pulumi up` would end with. */
  readonly refused: readonly SettingError[];
  readonly gone: readonly Gone[];
}

/** What is declared no longer, and what becomes of it. */
export interface Gone {
  readonly path: string;
  readonly fate: string;
}

export function consequences(changes: readonly Change[], settings: Settings): Consequences {
  const before = changes.flatMap(({ before: text }) => (text === undefined ? [] : [text]));
  const gone = changes.flatMap(({ path, kind, before: text = "" }) =>
    kind === "removed" && !isOfPulumi(path) ? [{ path, fate: fateOf(text) }] : [],
  );
  return { refused: losses(before.filter(mayLose).map(stateOf), settings), gone };
}

/** Nothing of it is outside of Pulumi. */
function isOfPulumi(path: string): boolean {
  return /^_(components|providers)\//.test(path);
}

/** A template keeps nothing; there is one for each repository, and reading it takes long. */
function mayLose(text: string): boolean {
  return !typeOf(text).endsWith(":WorkflowTemplate");
}

/** Pulumi's type token, with which a file of a preview begins. */
function typeOf(text: string): string {
  return /^# (\S+) /.exec(text)?.[1] ?? "";
}

const inputs = z.record(z.string(), z.unknown());

/** As the state would have it, in which a resource's outputs are its inputs and what the provider adds. */
function stateOf(text: string): StateResource {
  // The tags of a preview stand beside values, which are read without them.
  return { type: typeOf(text), outputs: inputs.parse(parse(text, { logLevel: "silent" })) };
}

function fateOf(text: string): string {
  const type = typeOf(text);
  if (isSet(text, "retainOnDelete")) return "stays, and the stack manages it no longer";
  if (isSet(text, "protect")) return "is protected: Pulumi refuses to delete it";
  if (type.endsWith(":Namespace")) return "is deleted, with everything in it";
  if (type.endsWith(":EventBus")) return "is deleted, with the pushes that wait in it";
  if (!type.endsWith(":Application")) return "is deleted";
  return text.includes(cascade)
    ? "is deleted, with everything that it runs"
    : "is deleted; what it runs stays";
}

/** An option of the resource, which is in the comment before it. */
function isSet(text: string, option: string): boolean {
  return new RegExp(`^# ${option}: true$`, "m").test(text);
}
