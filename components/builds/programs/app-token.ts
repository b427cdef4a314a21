/**
 * Writes tokens of the GitHub App to files for the containers that run after this one or next to it. Those have no
 * private key, and each file has only the token that its container needs.
 *
 * APP_ID         ID of the App
 * APP_KEY_FILE   file with its private key, in PEM format
 * GITHUB_API     URL of GitHub's API
 * TOKENS         one line per token: its file, the installation, its permissions, such as contents:read, and its
 *                repositories, both separated by commas; without repositories, all of the installation
 * REPORT_TOKENS  the same for optional tokens: if GitHub issues none, the file is empty and the work goes on
 * RENEW          seconds after which all are renewed, until the program is stopped; if empty, they are written once
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { readVariables } from "./environment.ts";
import type { Variables } from "./environment.ts";
import type { TokenSpec } from "./github-app.ts";
import { appJwt, tokenIn, tokenRequest } from "./github-app.ts";
import { askTwice } from "./http.ts";
import { messageOf, runProgram } from "./program.ts";
import { words } from "./text.ts";

export const variables = [
  "APP_ID",
  "APP_KEY_FILE",
  "GITHUB_API",
  "TOKENS",
  "REPORT_TOKENS",
  "RENEW",
] as const;
type Env = Variables<(typeof variables)[number]>;

interface TokenFile extends TokenSpec {
  readonly file: string;
}

/** In seconds: the timeout of each of two attempts, and the longest wait after a failed renewal. */
const limits = { request: 10, retry: 60 };

if (import.meta.main) await runProgram(() => makeTokens(readVariables(variables)));

async function makeTokens(env: Env): Promise<boolean> {
  // As a sidecar, it is stopped once the main container has ended.
  process.once("SIGTERM", () => process.exit(0));
  for (;;) {
    const required = await writeAll(parseTokens(env.TOKENS), env);
    const optional = await writeAll(parseTokens(env.REPORT_TOKENS), env);
    if (env.RENEW === "") return required;
    const seconds = Number(env.RENEW);
    await wait(1000 * (required && optional ? seconds : Math.min(seconds, limits.retry)));
  }
}

function parseTokens(lines: string): TokenFile[] {
  return lines.split("\n").flatMap((line) => (line === "" ? [] : [parseToken(line)]));
}

function parseToken(line: string): TokenFile {
  const [file = "", installation = "", permissions = "", repositories = ""] = words(line);
  const pairs = commaList(permissions)
    .map((one) => one.split(":"))
    .map(([name = "", level = ""]) => [name, level] as const);
  return {
    file,
    installation,
    permissions: Object.fromEntries(pairs),
    repositories: commaList(repositories),
  };
}

function commaList(text: string): string[] {
  return text.split(",").filter((one) => one !== "");
}

/** @returns whether every token was written */
async function writeAll(all: readonly TokenFile[], env: Env): Promise<boolean> {
  const written = await Promise.all(all.map((token) => write(token, env)));
  return written.every((isWritten) => isWritten);
}

async function write(token: TokenFile, env: Env): Promise<boolean> {
  const { file, permissions, repositories } = token;
  const what = `${Object.entries(permissions).flat().join(" ")}, ${repositories.join(" ") || "all repositories"}`;
  try {
    replace(file, await ask(token, env));
    console.log(`made a token: ${what}`);
    return true;
  } catch (error) {
    console.log(`${messageOf(error)} (${what})`);
    // The previous token may still be valid.
    if (!existsSync(file)) replace(file, "");
    return false;
  }
}

async function ask(
  token: TokenSpec,
  { APP_ID: app, APP_KEY_FILE: file, GITHUB_API: api }: Env,
): Promise<string> {
  const jwt = appJwt(app, readKey(file), Math.floor(Date.now() / 1000));
  return tokenIn(await askTwice({ ...tokenRequest(api, jwt, token), seconds: limits.request }), jwt);
}

function readKey(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new Error(`cannot read the GitHub App's private key from ${file}: is its Secret mounted?`);
  }
}

/** Replaces the file atomically, so that a reader sees the old token or the new one. */
function replace(file: string, token: string): void {
  writeFileSync(`${file}.new`, token, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
