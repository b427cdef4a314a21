/** The readable form of a preview: its objects by place. */
import type { SettingError } from "../../components/settings/errors.ts";
import type { Rendered } from "./render.ts";

export interface Listing {
  readonly stack: string;
  readonly objects: readonly Rendered[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  readonly missingSecrets: readonly SettingError[];
}

const titles: Readonly<Record<string, string>> = {
  _cluster: "Cluster-wide",
  _releases: "Charts",
  _github: "GitHub",
  _random: "Random values",
};

export function listing({ stack, objects, outputs, warnings, missingSecrets }: Listing): string {
  return [
    `Stack ${stack} declares ${objects.length.toString()} objects.`,
    ...folders(objects).map((folder) => section(folder, objects)),
    `Outputs\n${rows(outputLines(outputs))}`,
    ...warnings.map((text) => `Warning: ${text}`),
    ...(missingSecrets.length === 0 ? [] : [unset(stack, missingSecrets)]),
  ].join("\n\n");
}

/** In order: charts, cluster-wide objects, each namespace, and what is outside the cluster. */
export function folders(objects: readonly Pick<Rendered, "folder">[]): string[] {
  const all = [...new Set(objects.map(({ folder }) => folder))];
  const first = ["_releases", "_cluster"].filter((folder) => all.includes(folder));
  const last = ["_github", "_random"].filter((folder) => all.includes(folder));
  const namespaces = all.filter((folder) => !(folder in titles)).sort();
  return [...first, ...namespaces, ...last];
}

function section(folder: string, objects: readonly Rendered[]): string {
  const here = objects.filter((one) => one.folder === folder);
  const kinds = [...new Set(here.map(({ kind }) => kind))];
  const lines = kinds.map((kind): [string, string] => [
    kind,
    here
      .filter((one) => one.kind === kind)
      .map(label)
      .join(", "),
  ]);
  return `${titleOf(folder)}\n${rows(lines)}`;
}

export function titleOf(folder: string): string {
  return titles[folder] ?? `Namespace ${folder}`;
}

/** A chart is listed with its version. */
function label({ folder, name, text }: Rendered): string {
  return folder === "_releases" ? `${name} ${/^version: (.*)$/m.exec(text())?.[1] ?? ""}` : name;
}

export function outputLines(outputs: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(outputs).flatMap(([key, value]) =>
    typeof value === "object" && value !== null
      ? Object.entries(value).map(([inner, text]): [string, string] => [`${key}.${inner}`, String(text)])
      : [[key, String(value)] satisfies [string, string]],
  );
}

/** Two columns; the second one wraps within its column. */
function rows(lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([left]) => left.length)) + 2;
  return lines.map(([left, right]) => `  ${left.padEnd(width)}${wrapped(right, width + 2)}`).join("\n");
}

function wrapped(text: string, indent: number): string {
  if (!text.includes(", ")) return text;
  const lines = [""];
  for (const word of text.split(", ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + word.length > 100 - indent) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line}, ${word}`;
  }
  return lines.join(`,\n${" ".repeat(indent)}`);
}

function unset(stack: string, missing: readonly SettingError[]): string {
  const commands = missing.map(({ fix }) => `  ${fix} --stack ${stack}`);
  const count = missing.length === 1 ? "1 secret has" : `${missing.length.toString()} secrets have`;
  return `${count} no value yet. \`pulumi up\` needs them; each of these commands asks for one:\n${commands.join("\n")}`;
}
