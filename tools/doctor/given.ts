/**
 * The secret values that the doctor and the report may use: from the environment, or from the stack file if its
 * passphrase is in the environment. They are never shown.
 */
import { dirname } from "node:path";
import { at, parseJson, textAt } from "../../components/builds/programs/json.ts";
import { entries } from "../../components/entries.ts";
import { joinPath } from "../../components/settings/errors.ts";
import { shown } from "../../components/watch/objects.ts";
import { projectName } from "../offline/project.ts";
import { run } from "../system/run.ts";
import type { Finding, Given } from "./finding.ts";
import { unchecked } from "./finding.ts";

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

export interface Read {
  readonly given: Given;
  /** What was named as a source and could not be read. */
  readonly unread: readonly Finding[];
}

/** Variables take precedence over the stack file. */
export async function readGiven({ file, stack, environment }: Source): Promise<Read> {
  const key = await readKey(environment[variables.githubAppKey] ?? "");
  const set = pick((name) => (name === "githubAppKey" ? key.value : (environment[variables[name]] ?? "")));
  const hasPassphrase = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"].some(
    (name) => environment[name] !== undefined,
  );
  if (!hasPassphrase || Object.keys(set).length === Object.keys(variables).length)
    return { given: set, unread: key.unread };
  const config = await readConfig(file, stack);
  const secrets = parseJson(textAt(parseJson(config.value), `${projectName()}:secrets`, "value"));
  return {
    given: { ...pick((name) => textAt(secrets, name)), ...ownersIn(secrets), ...set },
    unread: [...key.unread, ...config.unread],
  };
}

function pick(valueOf: (name: Name) => string): Given {
  const all = names.map((name): [string, string] => [name, valueOf(name)]);
  return Object.fromEntries(all.filter(([, value]) => value !== ""));
}

/** A value, empty if it could not be read. */
interface Value {
  readonly value: string;
  readonly unread: readonly Finding[];
}

/** In milliseconds, for a program that reads secrets. */
const timeout = 6000;

/** The private key has several lines, so its variable names a file. `cat` can be ended while it waits for a pipe. */
async function readKey(file: string): Promise<Value> {
  if (file === "") return { value: "", unread: [] };
  const { stdout, stderr, failure = "" } = await run("cat", ["--", file], { timeout, maxBytes: 2 ** 20 });
  if (failure === "") return { value: stdout, unread: [] };
  const because = stderr.trim().replace(/^cat: /, "") || `${file}: ${failure}`;
  return { value: "", unread: [unread(`the file that ${variables.githubAppKey} names`, because)] };
}

function unread(what: string, because: string): Finding {
  return unchecked("secrets", `${what} cannot be read (${shown(because)})`);
}

/** What needs a value of the stack file is not checked if pulumi fails. */
async function readConfig(file: string, stack: string): Promise<Value> {
  const args = ["config", "--show-secrets", "--json", "--stack", stack, "--config-file", file];
  const options = { cwd: dirname(file), timeout, maxBytes: 2 ** 24 };
  const result = await run("pulumi", [...args, "--non-interactive"], options);
  const isRead = result.failure === undefined && parseJson(result.stdout) !== undefined;
  if (isRead) return { value: result.stdout, unread: [] };
  const because = errorLine(result.stderr) || (result.failure ?? "pulumi printed no JSON");
  return { value: "", unread: [unread("the secrets of the stack file", because)] };
}

function errorLine(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  return (lines.find((line) => line.startsWith("error: ")) ?? lines.at(-1) ?? "").replace(/^error: /, "");
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
  const withoutValues = (text: string) => values.reduce((one, value) => one.replaceAll(value, "***"), text);
  return (text) =>
    withoutValues(text)
      .replace(/\bghs_[\w.-]+/g, "***")
      .replace(/\b(Basic|Bearer) [\w+/=.*~-]+/g, "$1 ***")
      .replace(base64, (encoded) => {
        const decoded = Buffer.from(encoded, "base64").toString();
        return withoutValues(decoded) === decoded ? encoded : "***";
      });
}

/** What may be a login, which servers get and may repeat in Base64. */
const base64 = /[\w+/-]{6,}={0,2}/g;
