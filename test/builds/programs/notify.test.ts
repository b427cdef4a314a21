import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { HttpServer } from "../../support/http-server.ts";
import { startHangingServer, startHttpServer } from "../../support/http-server.ts";
import type { KubernetesServer } from "../../support/kubernetes-server.ts";
import { startKubernetesServer } from "../../support/kubernetes-server.ts";
import { makeAuthority } from "../../support/authority.ts";
import type { MailServer } from "../../support/mail-server.ts";
import { login, startMailServer } from "../../support/mail-server.ts";
import { mountedPrograms, runProgram, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("notify");
const account = join(folder, "account");
mkdirSync(account);
writeFileSync(join(account, "token"), "account-token");
writeFileSync(join(account, "ca.crt"), "");
writeFileSync(join(folder, "token"), "github-token");
const commit = "1a2b3c4d".repeat(5);

/** The received bodies by path. */
const received = new Map<string, string[]>();
/** The answers to the next messages to a path; later ones succeed. */
const answers = new Map<string, { readonly code: number; readonly retryAfter?: string }[]>();

let people: HttpServer;
let github: HttpServer;
let kubernetes: KubernetesServer;
let post: MailServer;
const authority = makeAuthority(join(folder, "authority"));
before(async () => {
  people = await startHttpServer((request, response, body) => {
    const path = request.url ?? "";
    assert.equal(request.headers["content-type"], "application/json");
    received.set(path, [...(received.get(path) ?? []), body]);
    const { code = 200, retryAfter } = answers.get(path)?.shift() ?? {};
    response.writeHead(code, retryAfter === undefined ? {} : { "retry-after": retryAfter });
    response.end("no_text");
  });
  github = await startHttpServer((request, response) => {
    const isKnown =
      request.url === `/repos/acme/web/git/commits/${commit}` &&
      request.headers.authorization === "Bearer github-token";
    response.writeHead(isKnown ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(isKnown ? { author: { name: "Kim <kim>" } } : { message: "Not Found" }));
  });
  kubernetes = await startKubernetesServer("account-token");
  post = await startMailServer(authority.certificate("127.0.0.1"));
});
after(() => {
  people.close();
  github.close();
  kubernetes.close();
  post.close();
});

const programs = mountedPrograms();

interface Given {
  /** Unique to a test, since tests share the servers. */
  readonly name: string;
  readonly channels?: readonly string[];
  readonly url?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

function notify({ name, channels = ["webhook"], url = people.url, environment = {} }: Given) {
  const urls = mkdtempSync(join(folder, "urls-"));
  for (const channel of channels) writeFileSync(join(urls, channel), `${url}/secret/${name}/${channel}\n`);
  writeFileSync(join(urls, "mail"), `${login.password}\n`);
  return runProgram(programs, "notify.ts", {
    ...{ KUBERNETES_API: kubernetes.url, ACCOUNT: account, NAMESPACE: "ci", WORKFLOW: name },
    ...{ STATUS: "Failed", EVENTS: "failed recovered", CHANNELS: channels.join(" "), CHANNEL_URLS: urls },
    ...{ PROJECT: "shop", SERVICE: "web", SERVICE_LABEL: "web", BRANCH: "main", BRANCH_LABEL: "main" },
    CREATED: (Date.parse("2026-03-01T10:30:00Z") / 1000).toString(),
    ...{ GIT_TAG: "", REPOSITORY: "acme/web", COMMITS_URL: "https://github.com/acme/web/commit" },
    ...{ GITHUB_API: github.url, READ_TOKEN: join(folder, "token"), COMMIT: commit },
    ...{ MAIL_SERVER: "", MAIL_USER: "", MAIL_FROM: "", MAIL_TO: "" },
    ...{ TARGET_URL: `https://argo.example/workflows/ci/${name}`, STEPS: "build scan attest publish" },
    ...environment,
  });
}

const messages = (name: string, channel = "webhook") =>
  (received.get(`/secret/${name}/${channel}`) ?? []).map((body) => JSON.parse(body) as unknown);

/** A Workflow with a failed step, as the API server returns it. */
function failed(message: string, step = "build"): object {
  const node = { displayName: step, templateName: step, phase: "Failed", message, finishedAt: "2026-03-01" };
  return { metadata: { name: "w", labels: {} }, status: { nodes: { a: node } } };
}

const lastWords = (text: string) => failed(`main: Error (exit code 1): ${text}`);

/** Text with markup, mentions or control characters of every service. */
const hostile =
  '<!channel> @everyone <@U1> <@&7> [x](https://evil.example) *b* `c` & "},{"text":"no\\ {{workflow.name}}\u0007';

describe("notify.ts", { concurrency: 4 }, () => {
  it("notifies each service of a failed build, in its own format", async () => {
    kubernetes.objects.set("failed", [lastWords("the tests fail")]);
    const run = await notify({ name: "failed", channels: ["slack", "discord", "webhook"] });
    assert.deepEqual(
      [run.status, run.stderr, run.stdout],
      [0, "", "notified slack: failed\nnotified discord: failed\nnotified webhook: failed\n"],
    );
    const url = "https://argo.example/workflows/ci/failed";
    const commitUrl = `https://github.com/acme/web/commit/${commit}`;
    const why = "build failed: the tests fail";
    const text = `<${url}|web failed to build>: branch main, commit <${commitUrl}|1a2b3c4>, by Kim &lt;kim&gt;`;
    assert.deepEqual(messages("failed", "slack"), [
      {
        text,
        unfurl_links: false,
        unfurl_media: false,
        blocks: [
          { type: "section", text: { type: "mrkdwn", text, verbatim: true } },
          { type: "section", text: { type: "plain_text", text: why, emoji: false } },
        ],
      },
    ]);
    assert.deepEqual(messages("failed", "discord"), [
      {
        allowed_mentions: { parse: [] },
        embeds: [
          {
            title: "web failed to build",
            color: 0xd73a49,
            url,
            description: "build failed\\: the tests fail",
            fields: [
              { name: "branch", value: "main", inline: true },
              { name: "commit", value: `[1a2b3c4](${commitUrl})`, inline: true },
              { name: "by", value: "Kim \\<kim\\>", inline: true },
            ],
          },
        ],
      },
    ]);
    assert.deepEqual(messages("failed"), [
      {
        ...{ event: "failed", project: "shop", service: "web", branch: "main", commit, commitUrl },
        ...{ author: "Kim <kim>", why, url },
      },
    ]);
  });

  it("notifies by mail and by other channels, and prints no password", async () => {
    kubernetes.objects.set("mailed", [lastWords("the tests fail")]);
    post.refusals.set("gone@acme.example", [{ code: 550, text: "no such user" }]);
    const given = {
      ...{ CHANNELS: "mail webhook", MAIL_USER: login.user, MAIL_FROM: "builds@acme.example" },
      MAIL_SERVER: `smtp://127.0.0.1:${post.port.toString()}`,
      MAIL_TO: "kim@acme.example gone@acme.example",
    };
    const trusting = { ...given, NODE_EXTRA_CA_CERTS: authority.file };
    const run = await notify({ name: "mailed", environment: trusting });
    assert.deepEqual(
      [run.status, run.stderr, run.stdout],
      [
        0,
        "",
        "notified mail: failed, but gone@acme.example is refused: 550 no such user\nnotified webhook: failed\n",
      ],
    );
    const [mail] = post.taken.splice(0);
    const { message = "", ...sent } = mail ?? {};
    const to = ["kim@acme.example"];
    assert.deepEqual(sent, { from: "builds@acme.example", to, user: login.user, isSecure: true });
    assert.match(message, /^Subject: web failed to build \(main\)\r$/m);
    assert.match(
      Buffer.from(message.split("\r\n\r\n")[1] ?? "", "base64").toString(),
      /^web failed to build\r\n\r\nbuild failed: the tests fail\r\n\r\nbranch main\r\ncommit 1a2b3c4 /,
    );
    const strange = await notify({ name: "mailed", environment: { ...given, CHANNELS: "mail" } });
    assert.equal(strange.status, 0);
    assert.match(
      strange.stdout,
      /^could not notify mail that the build has failed: unable to verify the first/,
    );
    assert.deepEqual(post.taken, []);
    for (const { stdout, stderr } of [run, strange]) assert.doesNotMatch(stdout + stderr, /pässword/);
  });

  it("escapes the output of a build", async () => {
    kubernetes.objects.set("hostile", [lastWords(hostile)]);
    const { stdout } = await notify({ name: "hostile", channels: ["slack", "discord", "webhook"] });
    assert.doesNotMatch(stdout, /could not/);
    const [slack] = messages("hostile", "slack");
    const [, said] = (slack as { blocks: { text: { type: string; text: string } }[] }).blocks;
    assert.deepEqual(said?.text, {
      type: "plain_text",
      text:
        "build failed: &lt;!channel&gt; @everyone &lt;@U1&gt; &lt;@&amp;7&gt; [x](https://evil.example) *b* `c` &amp; " +
        '"},{"text":"no\\ {{workflow.name}}?',
      emoji: false,
    });
    const [discord] = messages("hostile", "discord");
    const { allowed_mentions: mentions, embeds } = discord as {
      allowed_mentions: object;
      embeds: { description: string }[];
    };
    assert.deepEqual(mentions, { parse: [] });
    assert.equal(
      embeds[0]?.description,
      "build failed\\: \\<!channel\\> \\@everyone \\<\\@U1\\> \\<\\@&7\\> \\[x\\]\\(https\\://evil.example\\) \\*b\\* \\`c\\` & " +
        '"},{"text"\\:"no\\\\ {{workflow.name}}?',
    );
  });

  it("keeps within the limits of each service", async () => {
    kubernetes.objects.set("long", [lastWords("&".repeat(9000))]);
    const long = { SERVICE: "s".repeat(300), BRANCH: "<".repeat(300) };
    await notify({ name: "long", channels: ["slack", "discord", "webhook"], environment: long });
    const [slack] = messages("long", "slack");
    const { blocks } = slack as { blocks: { text: { text: string } }[] };
    assert.equal(blocks.length, 2);
    for (const { text } of blocks) assert.ok(text.text.length <= 3000, text.text.length.toString());
    const [discord] = messages("long", "discord");
    const [embed] = (
      discord as { embeds: { title: string; description: string; fields: { value: string }[] }[] }
    ).embeds;
    assert.ok((embed?.title.length ?? 999) <= 256);
    assert.ok((embed?.description.length ?? 9999) <= 4096);
    for (const { value } of embed?.fields ?? []) assert.ok(value.length <= 1024);
    const [webhook] = messages("long");
    assert.equal((webhook as { why: string }).why.length, 500);
  });

  it("omits unknown values", async () => {
    kubernetes.objects.set("bare", [lastWords("no")]);
    const environment = { COMMIT: "", TARGET_URL: "" };
    await notify({ name: "bare", channels: ["slack", "discord"], environment });
    const [slack] = messages("bare", "slack");
    assert.equal((slack as { text: string }).text, "web failed to build: branch main");
    const [discord] = messages("bare", "discord");
    assert.deepEqual((discord as { embeds: object[] }).embeds, [
      {
        title: "web failed to build",
        color: 0xd73a49,
        description: "build failed\\: no",
        fields: [{ name: "branch", value: "main", inline: true }],
      },
    ]);
  });

  it("omits the author if GitHub does not return it", async () => {
    kubernetes.objects.set("nobody", [lastWords("no")]);
    const { stdout } = await notify({ name: "nobody", environment: { READ_TOKEN: "" } });
    assert.equal(
      stdout,
      `cannot read the author of ${commit}: GitHub: 404 Not Found\nnotified webhook: failed\n`,
    );
    assert.equal((messages("nobody")[0] as { author: string }).author, "");
  });

  it("sends nothing for a build that was stopped, or whose image is published", async () => {
    const stopped = failed("workflow shutdown with strategy:  Stop");
    const superseded = { ...stopped, metadata: { labels: { "argo-cicd/superseded-by": "0".repeat(40) } } };
    const published = failed("main: Error (exit code 1): not live", "live");
    for (const [index, one] of [stopped, superseded, published].entries()) {
      const name = `no-news-${index.toString()}`;
      kubernetes.objects.set(name, [one]);
      const { status, stdout } = await notify({ name });
      assert.deepEqual(
        [status, stdout, messages(name)],
        [0, "no notification: the build was stopped, or its image is published\n", []],
      );
    }
  });

  it("sends only the events of the stack file", async () => {
    kubernetes.objects.set("unasked", [lastWords("no")]);
    const { status, stdout } = await notify({ name: "unasked", environment: { EVENTS: "recovered" } });
    assert.deepEqual([status, stdout, messages("unasked")], [0, "", []]);
  });

  it("retries once if the service is busy, after the delay that it states", async () => {
    kubernetes.objects.set("busy", [lastWords("no")]);
    answers.set("/secret/busy/webhook", [{ code: 429, retryAfter: "2" }]);
    const started = performance.now();
    const { stdout } = await notify({ name: "busy" });
    assert.equal(stdout, "notified webhook: failed\n");
    assert.ok(performance.now() - started >= 2000);
    assert.equal(messages("busy").length, 2);
  });

  it("does not repeat a notification that a service may have accepted", async () => {
    kubernetes.objects.set("broken", [lastWords("no")]);
    answers.set("/secret/broken/webhook", [{ code: 503, retryAfter: "0" }]);
    const { status, stdout } = await notify({ name: "broken" });
    assert.deepEqual(
      [status, stdout, messages("broken").length],
      [0, "could not notify webhook that the build has failed: 503\n", 1],
    );
  });

  it("does not wait longer than a minute for a service", async () => {
    kubernetes.objects.set("later", [lastWords("no")]);
    answers.set("/secret/later/webhook", [{ code: 429, retryAfter: "3600" }]);
    const { status, stdout } = await notify({ name: "later" });
    assert.deepEqual([status, stdout], [0, "could not notify webhook that the build has failed: 429\n"]);
  });

  it("fails no build, and prints no address, if a service is down, hangs or has an invalid address", async () => {
    const hanging = await startHangingServer();
    kubernetes.objects.set("away", [lastWords("no")]);
    const outputs = await Promise.all([
      notify({ name: "away", url: "http://127.0.0.1:1" }),
      notify({ name: "away", url: hanging.url }),
      notify({ name: "away", url: "not-an-address" }),
    ]);
    hanging.close();
    assert.deepEqual(
      outputs.map(({ status, stdout }) => [status, stdout.replace(/^.*: 000/, "000")]),
      [
        [0, "000 Failed to connect to 127.0.0.1:1: ECONNREFUSED\n"],
        [0, "000 Operation timed out after 10 seconds\n"],
        [0, "000 Invalid URL\n"],
      ],
    );
    for (const { stdout, stderr } of outputs) assert.doesNotMatch(stdout + stderr, /secret/);
  });
});

describe("notify.ts after a success", () => {
  const succeeded = { STATUS: "Succeeded" };
  const ended = (name: string, phase: string, minute: number) => ({
    name,
    created: `2026-03-01T10:${minute.toString().padStart(2, "0")}:00Z`,
    labels: { "workflows.argoproj.io/phase": phase },
  });
  const after = async (name: string, earlier: ReturnType<typeof ended>[], environment = {}) => {
    kubernetes.workflows = [...earlier, ended(name, "Succeeded", 30)];
    kubernetes.objects.set(name, [{ metadata: { labels: { "argo-cicd/commit": commit } }, status: {} }]);
    const { status, stdout, stderr } = await notify({ name, environment: { ...succeeded, ...environment } });
    assert.deepEqual([status, stderr], [0, ""]);
    return stdout;
  };
  before(() => {
    kubernetes.objects.set("was-failed", [lastWords("the tests fail")]);
    kubernetes.objects.set("was-stopped", [failed("workflow shutdown with strategy:  Stop")]);
    kubernetes.objects.set("was-published", [failed("main: Error (exit code 1): not live", "live")]);
  });

  it("sends that builds succeed again, with the commit", async () => {
    const earlier = [ended("older", "Succeeded", 1), ended("was-failed", "Failed", 2)];
    assert.equal(await after("again", earlier, { COMMIT: "" }), "notified webhook: recovered\n");
    assert.deepEqual(messages("again"), [
      {
        ...{ event: "recovered", project: "shop", service: "web", branch: "main", commit },
        ...{ commitUrl: `https://github.com/acme/web/commit/${commit}`, author: "Kim <kim>", why: "" },
        url: "https://argo.example/workflows/ci/again",
      },
    ]);
    assert.equal(
      kubernetes.selectors.at(-1),
      "argo-cicd/service=web,argo-cicd/branch=main,argo-cicd/git-tag=,!argo-cicd/superseded-by,!argo-cicd/recovered-by,workflows.argoproj.io/completed=true",
    );
    const mark = { metadata: { labels: { "argo-cicd/recovered-by": "again" } } };
    assert.deepEqual([...kubernetes.patches].at(-1), ["was-failed", mark]);
  });

  it("ignores builds that were stopped", async () => {
    const earlier = [ended("was-failed", "Failed", 1), ended("was-stopped", "Failed", 2)];
    assert.equal(await after("stopped-between", earlier), "notified webhook: recovered\n");
  });

  it("sends nothing if the last build succeeded, or if there was none", async () => {
    const earlier = [ended("was-failed", "Failed", 1), ended("between", "Succeeded", 2)];
    assert.equal(await after("well", earlier), "");
    assert.equal(await after("first", []), "");
    assert.equal(await after("published", [ended("was-published", "Failed", 1)]), "");
  });

  it("sends nothing if a newer build has already ended", async () => {
    const others = [ended("was-failed", "Failed", 1), ended("newer", "Succeeded", 40)];
    assert.equal(await after("overtaken", others), "");
    const failing = [ended("before", "Succeeded", 1), ended("was-failed", "Failed", 40)];
    assert.equal(await after("overtaken-by-failure", failing), "");
  });

  it("sends nothing for a git tag, or if recoveries are turned off", async () => {
    const earlier = [ended("was-failed", "Failed", 1)];
    assert.equal(await after("tag", earlier, { GIT_TAG: "v1" }), "");
    assert.equal(await after("unasked-again", earlier, { EVENTS: "failed" }), "");
  });

  it("fails no build if the API server does not answer", async () => {
    kubernetes.workflows = [];
    kubernetes.failures.set("", [403]);
    const { status, stderr } = await notify({ name: "refused", environment: succeeded });
    assert.equal(status, 0);
    assert.match(stderr, /^cannot list earlier builds of web: 403 /);
  });
});
