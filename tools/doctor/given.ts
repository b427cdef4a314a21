/**
 * The secret values that the doctor and the report may use: from the environment, or from the stack file if its
 * passphrase is in the environment. They are never shown.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { at, parseJson, textAt } from "../../components/builds/programs/json.ts";
import { entries } from "../../components/entries.ts";
import { joinPath } from "../../components/settings/errors.ts";
import { projectName } from "../offline/project.ts";
import type { Finding, Given } from "./finding.ts";

/** The variable of each key of `secrets` in a stack file. That of the App's key names a file. */
const variables = {
  githubToken: "GITHUB_TOKEN",
  statusToken: "STATUS_TOKEN",
  registryPassword: "REGISTRY_PASSWORD",
  githubAppKey: "GITHUB_APP_KEY_FILE",
  mail: "MAIL_PASSWORD",
} as const satisfies Record<Name, string>;

type Name = Exclude<keyof Given, "owners">;

const names: readonly Name[] = ["githubToken", "statusToken", "registryPassword", "githubAppKey", "mail"];

export interface Source {
  readonly file: string;
  readonly stack: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Variables take precedence over the stack file. */
export async function readGiven({ file, stack, environment }: Source): Promise<Given> {
  const set = pick((name) => setValue(name, environment[variables[name]] ?? ""));
  const hasPassphrase = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"].some(
    (name) => environment[name] !== undefined,
  );
  if (!hasPassphrase || Object.keys(set).length === Object.keys(variables).length) return set;
  const config = await readConfig(file, stack);
  const secrets = parseJson(textAt(parseJson(config), `${projectName()}:secrets`, "value"));
  return { ...pick((name) => textAt(secrets, name)), ...ownersIn(secrets), ...set };
}

function pick(valueOf: (name: Name) => string): Given {
  const all = names.map((name): [string, string] => [name, valueOf(name)]);
  return Object.fromEntries(all.filter(([, value]) => value !== ""));
}

/** The variable of a private key, which has several lines, names a file. */
function setValue(name: Name, value: string): string {
  if (name !== "githubAppKey" || value === "") return value;
  try {
    return readFileSync(value, "utf8");
  } catch {
    return "";
  }
}

function ownersIn(secrets: unknown): Pick<Given, "owners"> {
  const all = entries(at(secrets, "owners")).map(([owner, value]) => {
    const tokens = (["githubToken", "statusToken"] as const).map(
      (name) => [name, textAt(value, name)] as const,
    );
    return [owner, Object.fromEntries(tokens.filter(([, token]) => token !== ""))] as const;
  });
  return all.length === 0 ? {} : { owners: Object.fromEntries(all) };
}

/** Empty if pulumi fails: what needs a value is then not checked. */
function readConfig(file: string, stack: string): Promise<string> {
  const args = ["config", "--show-secrets", "--json", "--stack", stack, "--config-file", file];
  const options = { cwd: dirname(file), timeout: 6000, maxBuffer: 2 ** 24 };
  return new Promise((done) => {
    execFile("pulumi", [...args, "--non-interactive"], options, (error, stdout) =>
      done(error === null ? stdout : ""),
    );
  });
}

/** Reports that a secret's value is not available. @param owner of the token; undefined for the stack's */
export function notGiven(name: Name, owner?: string): Finding {
  const fix = "PULUMI_CONFIG_PASSPHRASE to read it from the stack file";
  return {
    level: "unchecked",
    path: owner === undefined ? `secrets.${name}` : joinPath("secrets.owners", [owner, name]),
    message: "its value is not available here",
    fix: owner === undefined ? `set ${variables[name]}, or ${fix}` : `set ${fix}`,
  };
}

/** Masks the secret values, and tokens derived from them, in findings: a server may repeat them. */
export function withoutGiven(findings: readonly Finding[], given: Given): Finding[] {
  const hide = hiding(given);
  return findings.map(({ message, fix, ...finding }) => ({
    ...finding,
    message: hide(message),
    ...(fix === undefined ? {} : { fix: hide(fix) }),
  }));
}

/** Masks the secret values, and tokens derived from them, in a text. */
export function hiding(given: Given): (text: string) => string {
  const ofOwners = entries(given.owners ?? {}).flatMap(([, { githubToken, statusToken }]) =>
    [githubToken, statusToken].filter((one) => one !== undefined),
  );
  const values = [...names.flatMap((name) => given[name] ?? []), ...ofOwners].filter(
    (value) => value.length >= 4,
  );
  return (text) =>
    values
      .reduce((one, value) => one.replaceAll(value, "***"), text)
      .replace(/\bghs_[\w.-]+/g, "***")
      .replace(/\b(Basic|Bearer) [\w+/=.*~-]+/g, "$1 ***");
}
