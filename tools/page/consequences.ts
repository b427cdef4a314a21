/** What an edit destroys: the objects that go, and what the program refuses to lose. */
import { parse } from "yaml";
import { z } from "zod";
import { losses } from "../../components/cluster/losses.ts";
import type { StateResource } from "../../components/cluster/state.ts";
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
  const before = changes.flatMap(({ path, before: text }) => (text === undefined ? [] : [{ path, text }]));
  const removed = changes.flatMap(({ path, kind, before: text = "" }) =>
    kind === "removed" && !isOfPulumi(path) ? [{ path, fate: fateOf(text) }] : [],
  );
  return {
    refused: losses(
      before.map(({ text }) => stateOf(text)),
      settings,
    ),
    gone: removed,
  };
}

/** Nothing of it is outside of Pulumi. */
function isOfPulumi(path: string): boolean {
  return /^_(components|providers)\//.test(path);
}

const inputs = z.record(z.string(), z.unknown());

/** As the state would have it, in which a resource's outputs are its inputs and what the provider adds. */
function stateOf(text: string): StateResource {
  const [, type = ""] = /^# (\S+) /.exec(text) ?? [];
  return { type, outputs: inputsOf(text) };
}

/** The tags of a preview stand beside values, which are read without them. */
function inputsOf(text: string): Record<string, unknown> {
  return inputs.parse(parse(text, { logLevel: "silent" }));
}

function fateOf(text: string): string {
  const { type, outputs } = stateOf(text);
  if (isSet(text, "retainOnDelete")) return "stays, and the stack manages it no longer";
  if (isSet(text, "protect")) return "is protected: Pulumi refuses to delete it";
  if (type.endsWith(":Namespace")) return "is deleted, with everything in it";
  if (type.endsWith(":Application") && JSON.stringify(outputs["metadata"]).includes(cascade))
    return "is deleted, with everything that it runs";
  if (type.endsWith(":Application")) return "is deleted; what it runs stays";
  if (type.endsWith(":EventBus")) return "is deleted, with the pushes that wait in it";
  return "is deleted";
}

/** An option of the resource, which stands in the comment before it. */
function isSet(text: string, option: string): boolean {
  return new RegExp(`^# ${option}: true$`, "m").test(text);
}
