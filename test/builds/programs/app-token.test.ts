/** Tokens of the GitHub App: the signed JWT, the request, and the handling of GitHub's answers. */
import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { appJwt, tokenIn, tokenRequest } from "../../../components/builds/programs/github-app.ts";
import { githubHeaders } from "../../../components/builds/programs/github.ts";
import { appKey, appPublicKey } from "../../support/app-key.ts";
import type { HttpServer } from "../../support/http-server.ts";
import { startHttpServer } from "../../support/http-server.ts";
import { outcome, programsFolder, runProgram, startProgram, temporaryFolder } from "../../support/script.ts";

const isJwt = /eyJ[\w-]+\.eyJ/;

/** Verifies the signature of the App's JWT and returns its header and claims. */
function read(jwt: string): unknown[] {
  const [header = "", claims = "", signature = ""] = jwt.split(".");
  const signed = Buffer.from(`${header}.${claims}`);
  assert.ok(verify("sha256", signed, appPublicKey, Buffer.from(signature, "base64url")));
  return [header, claims].map((part): unknown => JSON.parse(Buffer.from(part, "base64url").toString()));
}

describe("the JSON Web Token of the App", () => {
  it("is signed by its key, valid from a minute before and for less than ten minutes", () => {
    assert.deepEqual(read(appJwt("271828", appKey, 1_700_000_000)), [
      { alg: "RS256", typ: "JWT" },
      { iat: 1_699_999_940, exp: 1_700_000_480, iss: "271828" },
    ]);
  });

  it("is made with a key in PKCS #8 too", () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    assert.match(appJwt("1", privateKey, 0), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it("is refused for a key that is not RSA, without quoting the key", () => {
    const { privateKey: other } = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    for (const key of ["", "hunter2", other, appPublicKey, appKey.replaceAll("\n", String.raw`\n`)]) {
      assert.throws(() => appJwt("1", key, 0), {
        message:
          "the GitHub App's private key is not an RSA key in PEM format: set secrets.githubAppKey to the .pem file",
      });
    }
  });
});

describe("the request for a token", () => {
  it("names the repositories and permissions, and no others", () => {
    const wanted = { installation: "31415926", permissions: { contents: "read" }, repositories: ["web"] };
    assert.deepEqual(tokenRequest("https://github.acme.example/api/v3", "a.b.c", wanted), {
      method: "POST",
      url: "https://github.acme.example/api/v3/app/installations/31415926/access_tokens",
      headers: { authorization: "Bearer a.b.c", ...githubHeaders, "content-type": "application/json" },
      body: '{"repositories":["web"],"permissions":{"contents":"read"}}',
    });
    // GitHub would read an empty list as no repositories.
    assert.equal(
      tokenRequest("", "", { ...wanted, repositories: [] }).body,
      '{"permissions":{"contents":"read"}}',
    );
  });

  it("returns a token of any format and length", () => {
    for (const token of ["ghs_16C7e42F292c6912E7710c838347Ae178B4a", `ghs_271828_${"a.b-c_".repeat(100)}`])
      assert.equal(tokenIn({ code: 201, text: JSON.stringify({ token }), reason: "201" }, "a.b.c"), token);
  });

  it("throws GitHub's error, without the JWT that was sent", () => {
    for (const [code, text, reason, said] of [
      [
        422,
        "",
        "422 The permissions requested are not granted",
        "422 The permissions requested are not granted",
      ],
      [401, "", "401 bad credentials: Bearer a.b.c", "401 bad credentials: Bearer ***"],
      [302, "", "302", "302"],
      [200, '{"token":"ghs_1"}', "200", "200"],
      ...[
        "",
        "null",
        "[]",
        '{"token":1}',
        '{"token":""}',
        '{"token":"ghs_1\\nX: y"}',
        '{"token":"ghs 1"}',
      ].map((one) => [201, one, "201", "its answer contains none"] as const),
    ] as const) {
      assert.throws(() => tokenIn({ code, text, reason }, "a.b.c"), {
        message: `GitHub issued no token to the App: ${said}`,
      });
    }
  });
});

describe("the program that makes tokens", () => {
  const folder = temporaryFolder("app-token");
  const APP_KEY_FILE = join(folder, "key");
  writeFileSync(APP_KEY_FILE, appKey);
  const asked: unknown[] = [];
  let server: HttpServer;
  let elsewhere: HttpServer;
  let count = 0;
  let isBusy = false;
  before(async () => {
    elsewhere = await startHttpServer((_, response) => response.writeHead(201).end('{"token":"ghs_stolen"}'));
    server = await startHttpServer(({ method, url = "", headers }, response, body) => {
      const [, jwt = ""] = /^Bearer (.*)$/.exec(headers.authorization ?? "") ?? [];
      const [, claims] = read(jwt);
      asked.push([`${method ?? ""} ${url}`, JSON.parse(body), Reflect.get(Object(claims), "iss")]);
      if (url.includes("/404/")) return void response.writeHead(404).end('{"message":"Not Found"}');
      if (url.includes("/302/")) return void response.writeHead(302, { location: elsewhere.url }).end();
      if (isBusy) return void response.writeHead(403).end('{"message":"rate limit"}');
      count += 1;
      response.writeHead(201).end(JSON.stringify({ token: `ghs_${count.toString()}`, permissions: {} }));
    });
  });
  after(() => {
    server.close();
    elsewhere.close();
  });

  let runs = 0;
  /** The variables of a run, and the folder for its tokens. */
  function given(differences: Readonly<Record<string, string>> = {}) {
    runs += 1;
    const tokens = join(folder, runs.toString());
    for (const name of ["clone", "github"]) mkdirSync(join(tokens, name), { recursive: true });
    const env = { APP_ID: "271828", APP_KEY_FILE, GITHUB_API: server.url, RENEW: "", ...differences };
    return { tokens, env, file: (name: string) => join(tokens, name, "token") };
  }

  it("writes each token to a file that only its user may read, and prints none", async () => {
    const { env, file } = given();
    const { status, stdout, stderr } = await runProgram(programsFolder, "app-token.ts", {
      ...env,
      TOKENS: `${file("clone")} 7 contents:read`,
      REPORT_TOKENS: `${file("github")} 8 statuses:write,deployments:write web,api`,
    });
    assert.deepEqual([status, stderr], [0, ""]);
    assert.equal(
      stdout,
      "made a token: contents read, all repositories\nmade a token: statuses write deployments write, web api\n",
    );
    assert.deepEqual(asked.splice(0), [
      ["POST /app/installations/7/access_tokens", { permissions: { contents: "read" } }, "271828"],
      [
        "POST /app/installations/8/access_tokens",
        { repositories: ["web", "api"], permissions: { statuses: "write", deployments: "write" } },
        "271828",
      ],
    ]);
    assert.deepEqual(
      [file("clone"), file("github")].map((one) => readFileSync(one, "utf8")),
      ["ghs_1", "ghs_2"],
    );
    assert.equal(statSync(file("clone")).mode & 0o777, 0o600);
  });

  it("exits with 1 and the reason if a required token is missing", async () => {
    const { env, file } = given();
    const { status, stdout, stderr } = await runProgram(programsFolder, "app-token.ts", {
      ...env,
      TOKENS: `${file("clone")} 404 contents:read web`,
      REPORT_TOKENS: "",
    });
    assert.deepEqual([status, stderr], [1, ""]);
    assert.equal(stdout, "GitHub issued no token to the App: 404 Not Found (contents read, web)\n");
    assert.equal(readFileSync(file("clone"), "utf8"), "");
  });

  it("continues without a token for reports, and follows no redirect", async () => {
    const { env, file } = given();
    const ended = await runProgram(programsFolder, "app-token.ts", {
      ...env,
      TOKENS: "",
      REPORT_TOKENS: `${file("github")} 302 statuses:write web`,
    });
    assert.deepEqual(ended, {
      status: 0,
      stdout: "GitHub issued no token to the App: 302 (statuses write, web)\n",
      stderr: "",
    });
    assert.equal(readFileSync(file("github"), "utf8"), "");
  });

  it("reports a missing key, and does not print an invalid one", async () => {
    const wrong = join(folder, "wrong");
    writeFileSync(wrong, "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n");
    for (const [file, said] of [
      [
        join(folder, "none"),
        /^cannot read the GitHub App's private key from .*none: is its Secret mounted\? \(/,
      ],
      [
        wrong,
        /^the GitHub App's private key is not an RSA key in PEM format: set secrets\.githubAppKey to the \.pem file \(/,
      ],
    ] as const) {
      const { env, file: tokenFile } = given({ APP_KEY_FILE: file });
      const TOKENS = `${tokenFile("clone")} 7 contents:read web`;
      const { status, stdout } = await runProgram(programsFolder, "app-token.ts", {
        ...env,
        TOKENS,
        REPORT_TOKENS: "",
      });
      assert.equal(status, 1);
      assert.match(stdout, said);
      assert.doesNotMatch(stdout, /hunter2/);
      assert.doesNotMatch(stdout, isJwt);
    }
  });

  it("renews tokens until it is stopped, and keeps the last one if GitHub returns none", async () => {
    const { env, file } = given({ RENEW: "0.1" });
    const REPORT_TOKENS = `${file("github")} 9 deployments:write web`;
    const program = startProgram(programsFolder, "app-token.ts", { ...env, TOKENS: "", REPORT_TOKENS });
    const ended = outcome(program);
    const first = await changed(file("github"), "");
    const second = await changed(file("github"), first);
    isBusy = true;
    const before = asked.length;
    await until(() => asked.length > before + 2);
    const last = readFileSync(file("github"), "utf8");
    assert.match(last, /^ghs_\d+$/);
    isBusy = false;
    assert.notEqual(await changed(file("github"), last), second);
    program.kill("SIGTERM");
    const { status, stdout } = await ended;
    assert.equal(status, 0);
    assert.match(stdout, /^GitHub issued no token to the App: 403 rate limit \(deployments write, web\)$/m);
    assert.doesNotMatch(stdout, /ghs_/);
  });
});

/** Waits until the content of a file differs, and returns it. */
async function changed(file: string, before: string): Promise<string> {
  const text = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
  await until(() => text() !== before);
  return text();
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 20));
}
