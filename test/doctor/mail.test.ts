import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Examined } from "../../tools/doctor/finding.ts";
import { mail } from "../../tools/doctor/mail.ts";
import { makeAuthority } from "../support/authority.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig } from "../support/declare.ts";
import { examinedOf, linesOf } from "../support/doctor.ts";
import type { MailServer } from "../support/mail-server.ts";
import { login, startMailServer, startScript } from "../support/mail-server.ts";
import { temporaryFolder } from "../support/script.ts";

const authority = makeAuthority(join(temporaryFolder("doctor-mail"), "own"));
const network = { ca: readFileSync(authority.file, "utf8") };

describe("the doctor's check of the mail server", () => {
  let server: MailServer;
  before(async () => {
    server = await startMailServer(authority.certificate("localhost"));
  });
  after(() => server.close());

  async function found(own: Config, more: Config = { network }, given: Examined["given"] = {}) {
    const secrets = { ...(smallConfig()["secrets"] as Config), mail: login.password };
    const needed = own["username"] === undefined ? {} : { secrets };
    const config = { mail: { host: "localhost", from: "builds@acme.example", ...own }, ...needed, ...more };
    return linesOf(await mail(examinedOf(config, { given })));
  }

  it("is skipped without a mail server", async () => {
    assert.deepEqual(linesOf(await mail(examinedOf({}))), []);
  });

  it("connects by TLS, logs in, and sends nothing", async () => {
    const { port } = server;
    const at = `localhost:${port.toString()}`;
    const [username, given] = [login.user, { mail: login.password }];
    assert.deepEqual(await found({ port }), [`good mail: ${at} answers by TLS.`]);
    assert.deepEqual(await found({ port, username }, { network }, given), [
      `good mail: ${at} answers by TLS and accepts the login of builder.`,
    ]);
    assert.deepEqual(await found({ port, username }), [
      `good mail: ${at} answers by TLS.`,
      "unchecked secrets.mail: its value is not available here. Fix: set MAIL_PASSWORD, or PULUMI_CONFIG_PASSPHRASE to read it from the stack file.",
    ]);
    assert.deepEqual(server.taken, []);
  });

  it("reports what the server refuses, without the password", async () => {
    const { port } = server;
    const at = `localhost:${port.toString()}`;
    const fix = "Fix: correct `mail` and `secrets.mail`.";
    assert.deepEqual(await found({ port, username: login.user }, { network }, { mail: "wrong password" }), [
      `bad mail: ${at} does not accept mail (the login is refused: 535). ${fix}`,
    ]);
    assert.deepEqual(await found({ port }, {}), [
      `bad mail: ${at} does not accept mail (unable to verify the first certificate). Fix: add its CA to \`network.ca\`, or set \`mail.host\` to a name in its certificate.`,
    ]);
    const plain = await startScript("220 hello\r\n", (line) =>
      line.startsWith("EHLO") ? "250 hello\r\n" : "502 no TLS here\r\n",
    );
    const lines = await found({ port: plain.port });
    plain.close();
    assert.deepEqual(lines, [
      `bad mail: localhost:${plain.port.toString()} does not accept mail (TLS is refused: 502 no TLS here). ${fix}`,
    ]);
  });

  it("leaves a server that does not answer unchecked", async () => {
    assert.deepEqual(await found({ port: 1 }), [
      "unchecked mail: localhost:1 does not answer from here (Failed to connect to localhost: ECONNREFUSED). Fix: run the doctor in the cluster's network: some networks block outgoing mail.",
    ]);
  });
});
