/** What the preview prints besides objects: the size of the stack, warnings, outputs, and secrets without a value. */
import { h } from "preact";
import type { Settings } from "../../components/settings/settings.ts";
import type { Evaluation } from "../offline/evaluate.ts";
import { outputLines } from "../offline/listing.ts";
import type { StackFile } from "../offline/stack-file.ts";
import type { Html } from "./elements.ts";
import { code, counted, section } from "./elements.ts";
import type { DeclaredObject } from "../declared/objects.ts";

const parts: readonly (readonly [string, string])[] = [
  ["changes", "Changes"],
  ["way", "The path of a push"],
  ["repositories", "Repositories"],
  ["notes", "Warnings and outputs"],
  ["charts", "Charts"],
  ["permissions", "Who may do what"],
  ["objects", "Every object"],
];

/** @param shown the ids of the page's sections */
export function summary(
  stack: string,
  objects: readonly DeclaredObject[],
  { projects, cluster }: Settings,
  shown: readonly string[],
): Html {
  const built = projects.reduce((sum, { repositories }) => sum + repositories.length, 0);
  const links = parts.filter(([id]) => shown.includes(id));
  return h(
    "header",
    null,
    h("h1", null, `Stack ${stack}`),
    h(
      "p",
      null,
      `${counted(objects.length, "object")} on the cluster `,
      code(cluster.context),
      `; ${counted(built, "build")} in ${counted(projects.length, "project")}. This is what would be declared, not what runs.`,
    ),
    h(
      "nav",
      { "aria-label": "Sections" },
      ...links.flatMap(([id, title]) => [h("a", { href: `#${id}` }, title), " "]),
    ),
  );
}

export function notes({ stack, missingSecrets }: StackFile, { warnings, outputs }: Evaluation): Html {
  return section(
    "notes",
    "Warnings and outputs",
    ...warnings.map((text) => h("p", { class: "notice" }, text)),
    missingSecrets.length === 0 ? undefined : missing(stack, missingSecrets),
    h(
      "dl",
      null,
      ...outputLines(outputs).flatMap(([name, value]) => [h("dt", null, name), h("dd", null, code(value))]),
    ),
  );
}

function missing(stack: string, secrets: StackFile["missingSecrets"]): Html {
  const commands = secrets.map(({ fix }) => `${fix} --stack ${stack}`).join("\n");
  const have = secrets.length === 1 ? "1 secret has" : `${secrets.length.toString()} secrets have`;
  return h(
    "details",
    { class: "notice" },
    h("summary", null, `${have} no value yet`),
    h(
      "pre",
      { tabindex: 0, role: "region", "aria-label": "Commands that set the missing secrets" },
      commands,
    ),
  );
}
