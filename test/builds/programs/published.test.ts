import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { GitHubServer } from "../../support/github-server.ts";
import { startGitHubServer } from "../../support/github-server.ts";
import type { HttpServer } from "../../support/http-server.ts";
import { startHangingServer, startHttpServer } from "../../support/http-server.ts";
import type { KubernetesServer } from "../../support/kubernetes-server.ts";
import { startKubernetesServer } from "../../support/kubernetes-server.ts";
import { programsFolder, runProgram, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("published");
const ACCOUNT = join(folder, "account");
mkdirSync(ACCOUNT);
writeFileSync(join(ACCOUNT, "token"), "account-secret");
writeFileSync(join(ACCOUNT, "ca.crt"), "");
const TOKEN_FILE = join(folder, "github");
writeFileSync(TOKEN_FILE, "github_pat_secret");
const UPDATER_TOKEN_FILE = join(folder, "updater");
writeFileSync(UPDATER_TOKEN_FILE, "updater-secret");

const digest = `sha256:${"1a2b3c4d".repeat(8)}`;

/** The outputs of tip.sh and tag.sh. */
function results(commit: string, moved: string): string {
  const at = join(folder, `${commit}-${moved}`);
  mkdirSync(at);
  const summary = moved === "true" ? "moved develop" : "develop stays where it is";
  const files = { commit, digest, summary, moved };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at, name), text);
  return at;
}

const programs = programsFolder;
let github: GitHubServer;
let kubernetes: KubernetesServer;
let updater: HttpServer;
interface ReceivedEvent {
  readonly url: string;
  readonly secret: unknown;
  readonly type: unknown;
  readonly event: unknown;
}
const received: ReceivedEvent[] = [];
before(async () => {
  github = await startGitHubServer("a/service", "github_pat_secret");
  kubernetes = await startKubernetesServer("account-secret");
  updater = await startHttpServer(({ url = "", headers }, response, body) => {
    const { "x-webhook-secret": secret, "content-type": type } = headers;
    received.push({ url, secret, type, event: JSON.parse(body) });
    response.end("Webhook received and processing");
  });
});
after(() => {
  for (const one of [github, kubernetes, updater]) one.close();
});

let runs = 0;

/** Runs the program with a new commit, Workflow and image each time. */
async function published(variables: Readonly<Record<string, string>> = {}, moved = "true") {
  runs += 1;
  const commit = runs.toString().padStart(40, "0");
  const workflow = `w-${runs.toString()}`;
  const path = `acme/web-${runs.toString()}`;
  const { status, stdout, stderr } = await runProgram(programs, "published.ts", {
    NAMESPACE: "ci",
    WORKFLOW: workflow,
    FINDINGS: "",
    ACCOUNT,
    KUBERNETES_API: kubernetes.url,
    UPDATER: `${updater.url}/webhook`,
    UPDATER_TOKEN_FILE,
    REGISTRY: "registry:5000",
    IMAGE_PATH: path,
    TAG: "develop",
    GITHUB_API: github.url,
    TOKEN_FILE,
    REPOSITORY: "a/service",
    CONTEXT: "argo-cicd/develop",
    TARGET_URL: "",
    RESULTS: results(commit, moved),
    ...variables,
  });
  assert.deepEqual([status, stderr], [0, ""]);
  assert.doesNotMatch(stdout, /secret/);
  return {
    stdout,
    patch: kubernetes.patches.get(workflow),
    reported: github.statuses.get(commit)?.description,
    received: received.find(
      ({ event }) => (event as { data: { repository: string } }).data.repository === path,
    ),
    path,
  };
}

describe("published.ts", { concurrency: true }, () => {
  it("notifies the Image Updater, marks its Workflow, and reports to GitHub", async () => {
    const {
      patch,
      reported,
      received: event,
      path,
      stdout,
    } = await published({ FINDINGS: "3 vulnerabilities" });
    assert.match(stdout, new RegExp(`^notified the Image Updater of ${path}:develop\nset the status `));
    assert.deepEqual(patch, { metadata: { labels: { "argo-cicd/published": "true" } } });
    assert.equal(reported, `moved develop, ${digest}, 3 vulnerabilities`);
    assert.deepEqual(event, {
      url: "/webhook?type=cloudevents",
      secret: "updater-secret",
      type: "application/cloudevents+json",
      event: {
        specversion: "1.0",
        type: "container.image.push",
        source: "argo-cicd",
        id: digest,
        subject: `${path}:develop`,
        data: { registry: "registry:5000", repository: path, tag: "develop", digest },
      },
    });
  });

  it("only reports to GitHub if no tag has moved, or if no application has the image", async () => {
    for (const [variables, moved] of [[{}, "false"] as const, [{ UPDATER: "" }, "true"] as const]) {
      const { patch, reported, received: event } = await published(variables, moved);
      assert.match(reported ?? "", /^(moved develop|develop stays where it is), sha256:/);
      assert.deepEqual([patch, event], [undefined, undefined]);
    }
  });

  it("only notifies the Image Updater if nothing is reported to GitHub", async () => {
    const { reported, received: event } = await published({ GITHUB_API: "" });
    assert.equal(reported, undefined);
    assert.ok(event !== undefined);
  });

  it("retries once if the Image Updater fails, and no more", async () => {
    let asked = 0;
    const failing = await startHttpServer((_request, response) => {
      asked += 1;
      response.writeHead(503).end();
    });
    const { stdout } = await published({ UPDATER: `${failing.url}/webhook` });
    failing.close();
    assert.match(stdout, /^could not notify the Image Updater of .*: 503/);
    assert.equal(asked, 2);
  });

  it("continues without an Image Updater", async () => {
    const hanging = await startHangingServer();
    for (const UPDATER of ["http://127.0.0.1:1/webhook", `${hanging.url}/webhook`]) {
      const { stdout, reported } = await published({ UPDATER });
      assert.match(
        stdout,
        /^could not notify the Image Updater of acme\/web-\d+:develop, which will find it by polling: 000 /,
      );
      assert.ok(reported !== undefined);
    }
    hanging.close();
  });

  it("continues without the API server", async () => {
    const { stdout, reported } = await published({ KUBERNETES_API: "http://127.0.0.1:1" });
    assert.match(stdout, /could not add the label "published" to the Workflow w-\d+: 000 /);
    assert.ok(reported !== undefined);
  });

  it("leaves the report to the check for lost pushes if GitHub is temporarily unavailable", async () => {
    const limited = await startHttpServer((_request, response) => {
      response.writeHead(403, { "x-ratelimit-remaining": "0" }).end('{"message":"API rate limit exceeded"}');
    });
    const { patch, stdout } = await published({ GITHUB_API: limited.url, UPDATER: "" });
    limited.close();
    assert.match(
      stdout,
      /: 403 API rate limit exceeded\nrecorded on the Workflow w-\d+ what to report to GitHub later\n$/,
    );
    const { labels, annotations } = (patch as { metadata: Record<string, Record<string, string>> }).metadata;
    assert.deepEqual(labels, { "argo-cicd/unreported": "true" });
    assert.match(
      annotations?.["argo-cicd/unreported-status"] ?? "",
      /"state":"success","description":"moved develop, /,
    );
  });

  it("never fails, even without its variables", async () => {
    const { status, stderr } = await runProgram(programs, "published.ts", { WORKFLOW: "w" });
    assert.equal(status, 0);
    assert.match(stderr, /^these variables are missing: NAMESPACE, .*\n$/);
  });

  it("names a token that it cannot read, and continues", async () => {
    const { status, stdout, stderr } = await runProgram(programs, "published.ts", {
      ...{ NAMESPACE: "ci", WORKFLOW: "w", FINDINGS: "", ACCOUNT, KUBERNETES_API: kubernetes.url },
      ...{ UPDATER: "", UPDATER_TOKEN_FILE: "", REGISTRY: "", IMAGE_PATH: "", TAG: "" },
      ...{ GITHUB_API: github.url, TOKEN_FILE: join(folder, "no-file"), REPOSITORY: "a/service" },
      ...{ CONTEXT: "argo-cicd/develop", TARGET_URL: "", RESULTS: results("f".repeat(40), "true") },
    });
    assert.equal(status, 0);
    assert.equal(stderr, `cannot read a token from ${join(folder, "no-file")}: is its Secret mounted?\n`);
    assert.equal(
      stdout,
      `could not set the status argo-cicd/develop of ${"f".repeat(40)}: 401 Bad credentials\n`,
    );
  });
});
