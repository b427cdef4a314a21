/** Pods that their node does not end: which are removed, and what is logged. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { removeStranded } from "../../../components/builds/programs/stranded.ts";
import type { HttpServer } from "../../support/http-server.ts";
import { startHttpServer } from "../../support/http-server.ts";
import { temporaryFolder } from "../../support/script.ts";

const account = join(temporaryFolder("stranded"), "account");
/** The pods of each existing namespace, and the status code of removals. */
const pods = new Map<string, object[]>();
let removal = 200;
let asked: { readonly method?: string; readonly url?: string; readonly body: unknown }[] = [];
let server: HttpServer;

before(async () => {
  mkdirSync(account);
  for (const name of ["token", "ca.crt"]) writeFileSync(join(account, name), "");
  server = await startHttpServer(({ method = "", url = "" }, response, body) => {
    if (method === "DELETE") asked.push({ method, url, body: JSON.parse(body) });
    const items = pods.get(/namespaces\/([^/]+)/.exec(url)?.[1] ?? "");
    const code = method === "DELETE" ? removal : items === undefined ? 403 : 200;
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify(code === 200 ? { items } : { message: "it is forbidden" }));
  });
  Object.assign(process.env, { KUBERNETES_API: server.url, ACCOUNT: account });
});
after(() => server.close());
beforeEach(() => {
  pods.clear();
  asked = [];
  removal = 200;
});

function pod(name: string, deletionTimestamp?: string): object {
  const labels = { "workflows.argoproj.io/workflow": "web-1" };
  return { metadata: { name, uid: `uid-of-${name}`, labels, deletionTimestamp } };
}

function ago(seconds: number): string {
  const milliseconds = seconds * 1000;
  return new Date(Date.now() - milliseconds).toISOString();
}

describe("terminating pods", () => {
  it("are removed if their node has not ended them in time, and no others", async () => {
    const long = ago(130);
    pods.set("ci", [
      pod("running"),
      pod("stranded", long),
      pod("ending", ago(60)),
      pod("reported", ago(-30)),
    ]);
    assert.deepEqual(await removeStranded(["ci", "ci"], 120), [
      `removed the pod stranded of web-1, which its node should have terminated by ${long}`,
    ]);
    assert.deepEqual(asked, [
      {
        method: "DELETE",
        url: "/api/v1/namespaces/ci/pods/stranded",
        body: { gracePeriodSeconds: 0, preconditions: { uid: "uid-of-stranded" } },
      },
    ]);
  });

  it("count as removed if they no longer exist, or if another pod has their name", async () => {
    pods.set("ci", [pod("stranded", ago(130))]);
    for (const code of [404, 409]) {
      removal = code;
      assert.match((await removeStranded(["ci"], 120)).join(), /^removed the pod stranded/);
    }
  });

  it("are reported if they cannot be listed or removed, without affecting other namespaces", async () => {
    pods.set("ci-buildkit", [pod("stranded", ago(130))]);
    assert.match(
      (await removeStranded(["ci", "ci-buildkit"], 120)).join("\n"),
      /^cannot list the stranded pods of ci: .*it is forbidden\nremoved the pod stranded/,
    );
    removal = 403;
    assert.match(
      (await removeStranded(["ci-buildkit"], 120)).join(),
      /^cannot remove the pod stranded of web-1, .*: .*it is forbidden$/,
    );
  });
});
