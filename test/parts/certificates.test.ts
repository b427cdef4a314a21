/** Which certificates of the API server a program accepts, with certificates made by openssl. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:https";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { programsFolder, runProgram, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("certificates");
const programs = programsFolder;
const commit = "1a2b3c4d".repeat(5);

/** An account whose ca.crt is a self-signed certificate for this machine, with its key beside it. */
function account(name: string): string {
  const at = join(folder, name);
  mkdirSync(at);
  writeFileSync(join(at, "token"), "account-secret");
  const files = ["-keyout", join(at, "key"), "-out", join(at, "ca.crt")];
  const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...key, ...subject, ...files], { stdio: "pipe" });
  return at;
}

describe("a program that calls the API server", () => {
  const own = account("own");
  const other = account("other");
  let asked = 0;
  let server: Server;
  before(async () => {
    const certificate = { key: readFileSync(join(own, "key")), cert: readFileSync(join(own, "ca.crt")) };
    server = createServer(certificate, (_request, response) => {
      asked += 1;
      response.end("{}");
    });
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const begin = (ACCOUNT: string, more: Readonly<Record<string, string>> = {}) => {
    writeFileSync(join(folder, "commit"), commit);
    writeFileSync(join(folder, "newest"), "false");
    const { port } = server.address() as AddressInfo;
    return runProgram(programs, "begin.ts", {
      ...{ NAMESPACE: "ci", WORKFLOW: "own", SERVICE: "s", BRANCH_LABEL: "b", CONTEXT: "", RESULTS: folder },
      ...{ GITHUB_API: "", TOKEN_FILE: "", REPOSITORY: "", TARGET_URL: "" },
      ...{ ACCOUNT, KUBERNETES_API: `https://127.0.0.1:${port.toString()}` },
      ...more,
    });
  };

  it("accepts a certificate of its account's authority", async () => {
    assert.deepEqual(await begin(own), { status: 0, stdout: "", stderr: "" });
    assert.equal(asked, 1);
  });

  it("sends its token to no other server, even if NODE_EXTRA_CA_CERTS trusts it", async () => {
    for (const more of [{}, { NODE_EXTRA_CA_CERTS: join(own, "ca.crt") }]) {
      const { status, stderr } = await begin(other, more);
      assert.equal(status, 1);
      assert.match(stderr, /^cannot label the Workflow own with its commit: 000 self-signed certificate/);
      assert.equal(asked, 1);
    }
  });
});
