/** What an edit deletes: the objects that it removes, and those that the program refuses to lose. */
import { parse } from "yaml";
import { z } from "zod";
import { losses } from "../../components/cluster/state/losses.ts";
import type { StateResource } from "../../components/cluster/state/state-resources.ts";
import type { SettingError } from "../../components/settings/errors.ts";
import type { Settings } from "../../components/settings/settings.ts";
import { cascade } from "../../components/kinds/argocd.ts";
import type { Change } from "../offline/folder.ts";

export interface Consequences {
  /** Errors with which `pulumi up` would fail. */
  readonly refused: readonly SettingError[];
  readonly gone: readonly Gone[];
}

/** An object that is no longer declared, and what happens to it. */
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

/** Whether it exists only in Pulumi. */
function isOfPulumi(path: string): boolean {
  return /^_(components|providers)\//.test(path);
}

/** A WorkflowTemplate keeps no data. There is one for each repository, and parsing them takes long. */
function mayLose(text: string): boolean {
  return !typeOf(text).endsWith(":WorkflowTemplate");
}

/** Pulumi's type token, at the start of a file of a preview. */
function typeOf(text: string): string {
  return /^# (\S+) /.exec(text)?.[1] ?? "";
}

const inputs = z.record(z.string(), z.unknown());

/** As in the state, where a resource's outputs are its inputs and what the provider adds. */
function stateOf(text: string): StateResource {
  // The preview's tags of values are ignored.
  return { type: typeOf(text), outputs: inputs.parse(parse(text, { logLevel: "silent" })) };
}

function fateOf(text: string): string {
  const type = typeOf(text);
  if (isSet(text, "retainOnDelete")) return "stays, but the stack no longer manages it";
  if (isSet(text, "protect")) return "is protected: Pulumi refuses to delete it";
  if (type.endsWith(":Namespace")) return "is deleted, with everything in it";
  if (type.endsWith(":EventBus")) return "is deleted, with the pushes that wait in it";
  if (!type.endsWith(":Application")) return "is deleted";
  return text.includes(cascade)
    ? "is deleted, with everything that it runs"
    : "is deleted; what it runs stays";
}

/** Whether the resource has the option, in the comment at the start. */
function isSet(text: string, option: string): boolean {
  return new RegExp(`^# ${option}: true$`, "m").test(text);
}
