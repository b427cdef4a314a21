/** Sends notifications by mail, as plain text (RFC 5322) that is encoded as ASCII. */
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Envelope, MailServer, Submission } from "./smtp.ts";
import { submit } from "./smtp.ts";

export interface Mail {
  readonly subject: string;
  readonly text: string;
}

/** Seconds before the retry after a temporary refusal. */
const retryDelay = 30;

export async function send(
  mail: Mail,
  envelope: Envelope,
  server: MailServer,
  delay = retryDelay,
): Promise<Submission> {
  const message = messageOf(mail, envelope, new Date());
  const first = await submit(message, envelope, server);
  if (!first.isTemporary) return first;
  await wait(delay * 1000);
  return submit(message, envelope, server);
}

function messageOf({ subject, text }: Mail, { from, to }: Envelope, date: Date): string {
  return [
    `From: <${from}>`,
    `To: ${to.map((one) => `<${one}>`).join(",\r\n ")}`,
    `Subject: ${encodedWords(subject)}`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${randomUUID()}@${from.split("@").at(-1) ?? ""}>`,
    // Prevents automatic replies, such as vacation notices (RFC 3834).
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...(base64(text.replaceAll("\n", "\r\n")).match(/.{1,76}/g) ?? []),
  ].join("\r\n");
}

/** The most bytes of an encoded word: it then fits into a line, also after `Subject: ` (RFC 2047, 2). */
const maxWordBytes = 39;

/** A header's text. If it is long or not printable ASCII, it is encoded, so that it contains no control characters. */
export function encodedWords(text: string): string {
  if (/^[ -~]{0,60}$/.test(text) && !text.includes("=?")) return text;
  const words = [""];
  for (const character of text) {
    const word = `${words.at(-1) ?? ""}${character}`;
    if (Buffer.byteLength(word) > maxWordBytes) words.push(character);
    else words.splice(-1, 1, word);
  }
  return words.map((word) => `=?utf-8?B?${base64(word)}?=`).join("\r\n ");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
