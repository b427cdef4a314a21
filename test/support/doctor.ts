/** The input of the doctor's checks: a small stack, and stand-ins for all servers. */
import assert from "node:assert/strict";
import { parseConfig } from "../../components/settings/parse.ts";
import { asking } from "../../tools/doctor/exchange.ts";
import type { Answer, Ask } from "../../tools/doctor/exchange.ts";
import type { Examined, Finding } from "../../tools/doctor/finding.ts";
import { listFindings } from "../../tools/doctor/finding.ts";
import { clusterAt } from "../../tools/doctor/kubectl.ts";
import type { Cluster } from "../../tools/doctor/kubectl.ts";
import type { Config } from "./declare.ts";
import { smallConfig } from "./declare.ts";

/** The time of the doctor. */
export const now = new Date("2026-03-01T10:00:00Z");

/** Servers that a test does not replace do not answer. */
export function examinedOf(config: Config, given: Partial<Examined> = {}): Examined {
  const { settings, errors } = parseConfig(smallConfig(config));
  assert.deepEqual(errors, []);
  assert.ok(settings);
  return {
    stack: "test",
    named: "test",
    settings,
    missingSecrets: [],
    repositories: { remote: nobody, tree: nobody },
    kubectl: { connect: nobody },
    ask: asking(Date.now() + 10_000),
    given: {},
    now: () => now,
    ...given,
  };
}

function nobody(): Promise<never> {
  return Promise.reject(new Error("nobody answers"));
}

/** The findings as they are printed, without the count and the spaces that align them. */
export function linesOf(findings: readonly Finding[]): string[] {
  const lines = listFindings(findings).split("\n").slice(0, -2);
  return lines.map((line) => line.replace(/ {2,}/, " "));
}

/** A server's response: an object for its JSON, or a whole answer. */
export type Reply = object | Partial<Answer>;

export const refused = { code: 403, reason: "403 may not" };

function answerOf(reply: Reply | undefined, date: Date): Answer {
  const usual = { headers: { date: date.toUTCString() } };
  if (reply === undefined) return { code: 404, text: "", reason: "404", ...usual };
  if ("code" in reply && typeof reply.code === "number")
    return { text: "", reason: reply.code.toString(), ...usual, ...reply, code: reply.code };
  return { code: 200, text: JSON.stringify(reply), reason: "200", ...usual };
}

/** A cluster that has these responses by path, and nothing else. A path may begin with a method. */
export function clusterOf(answers: Readonly<Record<string, Reply>>, time = now): Cluster {
  return clusterAt(({ method = "GET", path }) => {
    const key = method === "GET" ? path : `${method} ${path}`;
    return Promise.resolve(answerOf(answers[key], time));
  });
}

/** Redirects requests for some servers to others. */
export function leading(ask: Ask, places: Readonly<Record<string, string>>): Ask {
  return (question) => {
    const found = Object.entries(places).find(([from]) => question.url.startsWith(from));
    assert.ok(found, `nothing stands in for ${question.url}`);
    return ask({ ...question, url: question.url.replace(found[0], found[1]) });
  };
}
