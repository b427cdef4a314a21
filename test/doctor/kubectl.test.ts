import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { asking } from "../../tools/doctor/exchange.ts";
import { openKubectl } from "../../tools/doctor/kubectl.ts";
import { node, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("kubectl");
const temporary = join(folder, "tmp");
mkdirSync(temporary);

/** A folder for the PATH that contains only this program, as kubectl. */
function kubectl(name: string, text: string): string {
  const bin = join(folder, name);
  mkdirSync(bin);
  writeFileSync(join(bin, "kubectl"), text, { mode: 0o755 });
  return bin;
}

/** Returns each request, and records its arguments. */
const proxy = `#!${node}
const { createServer } = require("node:http");
const { writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
writeFileSync(__dirname + "/asked", JSON.stringify(args));
createServer(({ url, headers }, response) => {
  if (url === "/none") return response.writeHead(404).end();
  if (url === "/page") return response.end("<html>");
  response.end(JSON.stringify({ url, host: headers.host, accept: headers.accept ?? "" }));
}).listen(args[args.indexOf("--unix-socket") + 1], () => console.log("Starting to serve on a socket"));
`;

describe("the doctor's connection to the cluster", () => {
  const was = { path: process.env["PATH"], folder: process.env["TMPDIR"] };
  before(() => (process.env["TMPDIR"] = temporary));
  after(() => {
    process.env["PATH"] = was.path;
    if (was.folder === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = was.folder;
  });

  it("uses one kubectl proxy without writes, and leaves nothing behind", async () => {
    const bin = kubectl("serving", proxy);
    process.env["PATH"] = bin;
    const opened = openKubectl(asking(Date.now() + 9000));
    try {
      const cluster = await opened.connect("develop");
      assert.deepEqual(await cluster.get("/version"), { url: "/version", host: "localhost", accept: "" });
      assert.deepEqual(await cluster.metadata("/secrets"), {
        url: "/secrets",
        host: "localhost",
        accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
      });
      assert.equal(await cluster.get("/none"), undefined);
      await assert.rejects(cluster.get("/page"), /^Error: the answer is not JSON$/);
      const [socket = ""] = readdirSync(temporary).map((name) => join(temporary, name, "api"));
      const asked = ["--context", "develop", "proxy", "--unix-socket", socket];
      assert.deepEqual(JSON.parse(readFileSync(join(bin, "asked"), "utf8")), [
        ...asked,
        "--reject-methods",
        "PUT,PATCH,DELETE",
      ]);
    } finally {
      opened.close();
    }
    assert.deepEqual(readdirSync(temporary), []);
  });

  it("reports kubectl's error, or that it is missing", async () => {
    const failing =
      "#!/bin/sh\necho E1124 memcache.go:265 >&2; echo 'error: context \"x\" does not exist' >&2; exit 1\n";
    for (const [path, reply] of [
      [kubectl("failing", failing), /^Error: context "x" does not exist$/],
      [kubectl("silent", "#!/bin/sh\n"), /^Error: kubectl proxy exited$/],
      [join(folder, "nowhere"), /^Error: kubectl cannot be started: it is not installed, or not in PATH$/],
    ] as const) {
      process.env["PATH"] = path;
      const opened = openKubectl(asking(Date.now() + 9000));
      await assert.rejects(opened.connect("x"), reply);
      opened.close();
    }
  });
});
