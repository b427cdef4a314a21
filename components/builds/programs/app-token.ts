/**
 * Makes tokens with the GitHub App, as files of the containers that run after this one or beside it. They have no key, and each file
 * only the token that its container needs.
 *
 * APP_ID         number of the App
 * APP_KEY_FILE   file with its private key, in PEM
 * GITHUB_API     address of GitHub's API
 * TOKENS         a line for each token: its file, the installation, the permissions, such as contents:read, and the repositories,
 *                both separated by commas; without repositories, all of the installation
 * REPORT_TOKENS  the same of those without which the work goes on: where GitHub gives none, the file is empty
 * RENEW          seconds after which all are made anew, until the program is stopped; empty where it ends when they are there
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { readVariables } from "./environment.ts";
import type { Variables } from "./environment.ts";
import type { Wanted } from "./github-app.ts";
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
type Given = Variables<(typeof variables)[number]>;

interface WantedFile extends Wanted {
  readonly file: string;
}

/** Seconds: of each of the two tries, and until the next where one of a token that is renewed has failed. */
const limits = { request: 10, again: 60 };

if (import.meta.main) await runProgram(() => makeTokens(readVariables(variables)));

async function makeTokens(given: Given): Promise<boolean> {
  // Beside another container it is stopped when that one has ended.
  process.once("SIGTERM", () => process.exit(0));
  for (;;) {
    const needed = await writeAll(wantedIn(given.TOKENS), given);
    const reports = await writeAll(wantedIn(given.REPORT_TOKENS), given);
    if (given.RENEW === "") return needed;
    const seconds = Number(given.RENEW);
    await wait(1000 * (needed && reports ? seconds : Math.min(seconds, limits.again)));
  }
}

function wantedIn(lines: string): WantedFile[] {
  return lines.split("\n").flatMap((line) => (line === "" ? [] : [wantedFile(line)]));
}

function wantedFile(line: string): WantedFile {
  const [file = "", installation = "", permissions = "", repositories = ""] = words(line);
  const pairs = listed(permissions)
    .map((one) => one.split(":"))
    .map(([name = "", level = ""]) => [name, level] as const);
  return { file, installation, permissions: Object.fromEntries(pairs), repositories: listed(repositories) };
}

function listed(text: string): string[] {
  return text.split(",").filter((one) => one !== "");
}

/** @returns whether all are there */
async function writeAll(all: readonly WantedFile[], given: Given): Promise<boolean> {
  const written = await Promise.all(all.map((wanted) => write(wanted, given)));
  return written.every((isThere) => isThere);
}

async function write(wanted: WantedFile, given: Given): Promise<boolean> {
  const { file, permissions, repositories } = wanted;
  const what = `${Object.entries(permissions).flat().join(" ")}, ${repositories.join(" ") || "all repositories"}`;
  try {
    replace(file, await ask(wanted, given));
    console.log(`made a token: ${what}`);
    return true;
  } catch (error) {
    console.log(`${messageOf(error)} (${what})`);
    // One that is there may still hold.
    if (!existsSync(file)) replace(file, "");
    return false;
  }
}

async function ask(
  wanted: Wanted,
  { APP_ID: app, APP_KEY_FILE: file, GITHUB_API: api }: Given,
): Promise<string> {
  const jwt = appJwt(app, readKey(file), Math.floor(Date.now() / 1000));
  return tokenIn(await askTwice({ ...tokenRequest(api, jwt, wanted), seconds: limits.request }), jwt);
}

function readKey(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new Error(`cannot read the GitHub App's private key from ${file}: is its Secret mounted?`);
  }
}

/** At once: whoever reads meanwhile has the one before. */
function replace(file: string, token: string): void {
  writeFileSync(`${file}.new`, token, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
