/** Notifications by mail, and their submission to mail servers: nodemailer's test server, and scripted hostile ones. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { encodedWords, send } from "../../../components/builds/programs/mail.ts";
import { messages } from "../../../components/builds/programs/message.ts";
import type { MailServer as Server } from "../../../components/builds/programs/smtp.ts";
import { submit } from "../../../components/builds/programs/smtp.ts";
import type { SMTPServerOptions } from "smtp-server";
import { makeAuthority } from "../../support/authority.ts";
import type { MailServer, Script } from "../../support/mail-server.ts";
import { login, startMailServer, startScript } from "../../support/mail-server.ts";
import { temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("mail");
const own = makeAuthority(join(folder, "own"));
const files = own.certificate("127.0.0.1");
const trusted = getCACertificates("default");

const started: MailServer[] = [];
let implicit: MailServer;
let upgraded: MailServer;
before(async () => {
  setDefaultCACertificates([...trusted, readFileSync(own.file, "utf8")]);
  implicit = await start({ secure: true });
  upgraded = await start();
});
after(() => {
  for (const server of started) server.close();
});

async function start(options: SMTPServerOptions = {}, certificate = files): Promise<MailServer> {
  const server = await startMailServer(certificate, options);
  started.push(server);
  return server;
}

const envelope = { from: "builds@acme.example", to: ["kim@acme.example", "lee@acme.example"] };

const at = ({ port }: { readonly port: number }, differences: Partial<Server> = {}): Server => ({
  ...{ host: "127.0.0.1", port, implicitTls: false, login, seconds: 20 },
  ...differences,
});

const letter = { subject: "web failed to build (main)", text: "the tests fail\n\nhttps://argo.example" };

/** Runs with a scripted server of its own. */
async function withScript<Value>(
  [greeting, answer]: Parameters<typeof startScript>,
  use: (script: Script) => Promise<Value>,
): Promise<Value> {
  const script = await startScript(greeting, answer);
  try {
    return await use(script);
  } finally {
    script.close();
  }
}

/** Hands the rest of a conversation to a real server, which gets STARTTLS again. */
function relayTo(socket: Socket, port: number): void {
  const server = connect(port, "127.0.0.1");
  server.on("error", () => undefined);
  let said = 0;
  server.on("data", (chunk: Buffer) => {
    said += 1;
    // Its greeting and its replies to EHLO and STARTTLS are not forwarded.
    if (said === 1) server.write("EHLO relay\r\n");
    else if (said === 2) server.write("STARTTLS\r\n");
    else if (said === 3) socket.pipe(server);
    else socket.write(chunk);
  });
}

const lost = (reason: string, isTemporary = false) => ({ isAccepted: false, reason, isTemporary });
const taken = { isAccepted: true, reason: "", isTemporary: false };

/** The header and the decoded text of a mail. */
function read(message: string) {
  const [header = "", body = ""] = message.split("\r\n\r\n");
  const fields = header.split(/\r\n(?! )/).map((line) => {
    const [name = "", value = ""] = line.split(/: (.*)/s);
    return [name, value] as const;
  });
  const text = Buffer.from(body, "base64").toString();
  return { fields: Object.fromEntries(fields), names: fields.map(([name]) => name), text };
}

/** RFC 2047: white space between two encoded words is not part of the text. */
function decoded(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?utf-8\?B\?([^?]*)\?=/g, (_, word: string) => Buffer.from(word, "base64").toString());
}

describe("a mail", () => {
  it("arrives by TLS and with a login, by implicit TLS and by STARTTLS", async () => {
    for (const [server, implicitTls] of [
      [implicit, true],
      [upgraded, false],
    ] as const) {
      assert.deepEqual(await send(letter, envelope, at(server, { implicitTls })), taken);
      const [mail] = server.taken.splice(0);
      const { message, ...rest } = mail ?? { message: "" };
      assert.deepEqual(rest, { ...envelope, user: "builder", isSecure: true });
      const { fields, text } = read(message);
      const { Date: date = "", "Message-ID": id = "", ...others } = fields;
      assert.deepEqual(others, {
        From: "<builds@acme.example>",
        To: "<kim@acme.example>,\r\n <lee@acme.example>",
        Subject: "web failed to build (main)",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "base64",
      });
      assert.match(date, /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000$/);
      assert.ok(Math.abs(Date.parse(date) - Date.now()) < 60_000);
      assert.match(id, /^<[0-9a-f-]{36}@acme\.example>$/);
      assert.equal(text, "the tests fail\r\n\r\nhttps://argo.example");
    }
  });

  it("is sent without a login if the stack has none", async () => {
    const open = await start({ authOptional: true });
    assert.deepEqual(await send(letter, envelope, at(open, { login: undefined })), taken);
    assert.deepEqual(
      open.taken.map(({ user, isSecure }) => [user, isSecure]),
      [["", true]],
    );
  });

  it("has input of builds and authors as text only", async () => {
    const hostile = "Kim\r\nBcc: evil@evil.example\r\n\r\n.\r\nMAIL FROM:<evil@evil.example>\u0000\u001b[31m";
    const news = {
      event: "failed",
      ...{ project: "shop", commit: "1a2b3c4d".repeat(5) },
      commitUrl: "https://github.com/acme/web/commit/1a2b3c4d",
      ...{ service: hostile, branch: hostile, author: hostile, why: `${hostile} =?utf-8?Q?=0d=0aBcc:?=` },
      url: "https://argo.example/w",
    } as const;
    assert.deepEqual(await send(messages.mail(news), envelope, at(upgraded)), taken);
    const mails = upgraded.taken.splice(0);
    assert.deepEqual(
      mails.map(({ from, to }) => ({ from, to })),
      [envelope],
    );
    const { fields, names, text } = read(mails[0]?.message ?? "");
    assert.deepEqual(names, [
      ...["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"],
      ...["Content-Type", "Content-Transfer-Encoding"],
    ]);
    const flat = "Kim Bcc: evil@evil.example . MAIL FROM:<evil@evil.example>[31m";
    assert.equal(decoded(fields["Subject"] ?? ""), `${flat} failed to build (${flat})`);
    assert.deepEqual(text.split("\r\n\r\n"), [
      `${flat} failed to build`,
      `${flat} =?utf-8?Q?=0d=0aBcc:?=`,
      `branch ${flat}\r\ncommit 1a2b3c4 ${news.commitUrl}\r\nby ${flat}`,
      "https://argo.example/w",
    ]);
  });

  it("omits unknown values", () => {
    const unknown = { commit: "", commitUrl: "", author: "", why: "", url: "" };
    const news = { event: "recovered", project: "shop", service: "web", branch: "main", ...unknown } as const;
    assert.deepEqual(messages.mail(news), {
      subject: "web builds again (main)",
      text: "web builds again\n\nbranch main",
    });
  });

  it("has a subject in any script, in lines of ASCII within the limit of length", () => {
    for (const subject of ["웹 빌드 실패 (주 가지) ".repeat(8), "🦊".repeat(90), "a\r\nBcc: b", "=?x", "é"]) {
      const words = encodedWords(subject);
      assert.equal(decoded(words), subject);
      for (const line of `Subject: ${words}`.split("\r\n")) assert.match(line, /^[ -~]{1,76}$/);
    }
    assert.equal(encodedWords("web failed to build (main)"), "web failed to build (main)");
  });

  it("is complete if a line begins with a dot", async () => {
    const message = "Subject: dots\r\n\r\n.\r\n..a\r\nb.\r\n.";
    assert.deepEqual(await submit(message, envelope, at(implicit, { implicitTls: true })), taken);
    assert.equal(implicit.taken.splice(0)[0]?.message, `${message}\r\n`);
  });
});

describe("a mail server that refuses", () => {
  it("the login is reported by its code only", async () => {
    const wrong = { ...login, password: "hunter2" };
    const outcome = await send(letter, envelope, at(upgraded, { login: wrong }));
    assert.deepEqual(outcome, lost("the login is refused: 535"));
  });

  it("some recipients gets the mail for the others", async () => {
    upgraded.refusals.set("kim@acme.example", [{ code: 550, text: "no such user" }]);
    assert.deepEqual(await send(letter, envelope, at(upgraded)), {
      ...taken,
      reason: "kim@acme.example is refused: 550 no such user",
    });
    assert.deepEqual(upgraded.taken.splice(0)[0]?.to, ["lee@acme.example"]);
  });

  it("all recipients temporarily is retried once", async () => {
    for (const one of envelope.to) upgraded.refusals.set(one, [{ code: 450, text: "greylisted" }]);
    assert.deepEqual(await send(letter, envelope, at(upgraded), 0), taken);
    assert.equal(upgraded.taken.splice(0).length, 1);
    upgraded.refusals.set(
      "MAIL",
      Array.from({ length: 2 }, () => ({ code: 421, text: "too busy" })),
    );
    const busy = lost("the sender is refused: 421 too busy", true);
    assert.deepEqual(await send(letter, envelope, at(upgraded), 0), busy);
  });

  it("permanently is not retried", async () => {
    upgraded.refusals.set("MAIL", [{ code: 550, text: "not you" }]);
    const refused = lost("the sender is refused: 550 not you");
    assert.deepEqual(await send(letter, envelope, at(upgraded), 0), refused);
    assert.deepEqual(upgraded.taken, []);
  });

  it("a mail that it may have accepted does not get it again", async () => {
    upgraded.refusals.set("DATA", [{ code: 451, text: "try later" }]);
    const refused = lost("the message is refused: 451 try later");
    assert.deepEqual(await send(letter, envelope, at(upgraded), 0), refused);
    assert.equal(upgraded.taken.splice(0).length, 1);
  });
});

describe("without TLS", () => {
  const greeting = "220 mail.example ESMTP\r\n";
  const agrees = (line: string) =>
    line.startsWith("EHLO") ? "250-mail\r\n250 AUTH PLAIN LOGIN\r\n" : "250 ok\r\n";

  it("nothing is sent to a server whose STARTTLS was removed", async () => {
    await withScript([greeting, agrees], async (script) => {
      const outcome = await send(letter, envelope, at(script));
      assert.deepEqual(outcome, lost("TLS is refused: 250 ok"));
      assert.match(script.heard(), /^EHLO \[127\.0\.0\.1\]\r\nSTARTTLS\r\n$/);
    });
    const without = await start({ disabledCommands: ["STARTTLS"], allowInsecureAuth: true });
    const { isAccepted, reason } = await send(letter, envelope, at(without));
    assert.equal(isAccepted, false);
    assert.match(reason, /^TLS is refused: 50[0-9] /);
    assert.deepEqual(without.taken, []);
  });

  it("nothing is sent to a server that only pretends to start TLS", async () => {
    const pretends = (line: string) => (line === "STARTTLS" ? "220 go\r\n250 AUTH PLAIN\r\n" : agrees(line));
    await withScript([greeting, pretends], async (script) => {
      const { isAccepted, isTemporary } = await send(letter, envelope, at(script, { seconds: 2 }));
      assert.deepEqual([isAccepted, isTemporary], [false, false]);
      assert.doesNotMatch(script.heard(), /AUTH|MAIL|builder|acme/);
    });
  });

  it("nothing is read that was injected before TLS", async () => {
    // The text after the reply would be read as answers to the login and the sender.
    const relay = (line: string, socket: Socket) => {
      if (line !== "STARTTLS") return agrees(line);
      socket.removeAllListeners("data");
      socket.pause();
      relayTo(socket, upgraded.port);
      return "220 go\r\n535 no\r\n535 no\r\n";
    };
    await withScript([greeting, relay], async (script) => {
      assert.deepEqual(await send(letter, envelope, at(script)), taken);
    });
    assert.equal(upgraded.taken.splice(0).length, 1);
  });

  it("or with an untrusted certificate, or one for another host, nothing is sent", async () => {
    const { certificate } = makeAuthority(join(folder, "other"));
    const stranger = await start({}, certificate("127.0.0.1"));
    const unknown = await send(letter, envelope, at(stranger));
    assert.match(unknown.reason, /^unable to verify the first certificate/);
    const elsewhere = await start({ secure: true }, own.certificate("mail.example"));
    const wrong = await send(letter, envelope, at(elsewhere, { implicitTls: true }));
    assert.match(wrong.reason, /^Hostname\/IP does not match certificate's altnames/);
    assert.deepEqual([...stranger.taken, ...elsewhere.taken], []);
  });
});

describe("a mail server that does not answer", () => {
  const silent = () => "";

  it("is waited for until the timeout, and no longer", async () => {
    const late = lost("Operation timed out after 1 seconds");
    await withScript(["", silent], async (script) => {
      for (const implicitTls of [true, false])
        assert.deepEqual(await send(letter, envelope, at(script, { implicitTls, seconds: 1 }), 0), late);
    });
    const slow = await start({ onData: (stream) => void stream.resume() });
    assert.deepEqual(await send(letter, envelope, at(slow, { seconds: 1 }), 0), late);
  });

  it("or is not a mail server is reported in one line", async () => {
    const closing = (_: string, socket: Socket) => {
      socket.end();
      return "";
    };
    await withScript(["220 mail\r\n", closing], async (script) => {
      assert.deepEqual(await send(letter, envelope, at(script)), lost("the server closed the connection"));
    });
    await withScript([`${"x".repeat(70_000)}\r\n`, silent], async (script) => {
      assert.deepEqual(await send(letter, envelope, at(script)), lost("the server does not speak SMTP"));
    });
    await withScript(["554-no\r\n554 \u001b[31mfor\tyou\r\n", silent], async (script) => {
      const refused = lost("the connection is refused: 554-no 554 [31mfor you");
      assert.deepEqual(await send(letter, envelope, at(script)), refused);
    });
    assert.deepEqual(
      await send(letter, envelope, at({ port: 1 })),
      lost("Failed to connect to 127.0.0.1: ECONNREFUSED"),
    );
  });

  it("gets no injected line", async () => {
    const twofold = { ...envelope, to: ["kim@acme.example>\r\nRCPT TO:<evil@evil.example"] };
    assert.deepEqual(
      await send(letter, twofold, at(upgraded)),
      lost(`${twofold.to.join().replace("\r\n", " ")}: a command must be one line`),
    );
    assert.deepEqual(upgraded.taken, []);
  });
});
