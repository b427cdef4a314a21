/** What people are told of a build by mail: a message of text (RFC 5322), which is ASCII whatever it says. */
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Envelope, MailServer, Submission } from "./smtp.ts";
import { submit } from "./smtp.ts";

export interface Letter {
  readonly subject: string;
  readonly text: string;
}

/** Seconds after which a server that wants a message later is asked once more. */
const patience = 30;

export async function send(
  letter: Letter,
  envelope: Envelope,
  server: MailServer,
  pause = patience,
): Promise<Submission> {
  const message = messageOf(letter, envelope, new Date());
  const first = await submit(message, envelope, server);
  if (!first.isLater) return first;
  await wait(pause * 1000);
  return submit(message, envelope, server);
}

function messageOf({ subject, text }: Letter, { from, to }: Envelope, date: Date): string {
  return [
    `From: <${from}>`,
    `To: ${to.map((one) => `<${one}>`).join(",\r\n ")}`,
    `Subject: ${encodedWords(subject)}`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${randomUUID()}@${from.split("@").at(-1) ?? ""}>`,
    // So that nobody's absence is answered to it (RFC 3834).
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...(base64(text.replaceAll("\n", "\r\n")).match(/.{1,76}/g) ?? []),
  ].join("\r\n");
}

/** Bytes of a word, with which it is as long as a line may be (RFC 2047, 2), behind `Subject: ` too. */
const longestWord = 39;

/** The text of a header, in which no control character stays one. */
export function encodedWords(text: string): string {
  if (/^[ -~]{0,60}$/.test(text) && !text.includes("=?")) return text;
  const words = [""];
  for (const character of text) {
    const word = `${words.at(-1) ?? ""}${character}`;
    if (Buffer.byteLength(word) > longestWord) words.push(character);
    else words.splice(-1, 1, word);
  }
  return words.map((word) => `=?utf-8?B?${base64(word)}?=`).join("\r\n ");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
