/** Which images the Image Updater is notified of again. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Scene } from "../../support/catch-up.ts";
import { startScene } from "../../support/catch-up.ts";
import type { GitServer } from "../../support/cluster-git.ts";
import { startGitServer } from "../../support/cluster-git.ts";
import type { HttpServer } from "../../support/http-server.ts";
import { startHttpServer } from "../../support/http-server.ts";
import { digestOf } from "../../support/registry-server.ts";
import { programsFolder, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("undelivered");
const image = "registry.example.com/team/web";
let git: GitServer;
let updater: HttpServer;
let scene: Scene;
let tip: string;
/** What the Image Updater received: the image, its digest, and the secret. */
const received: string[] = [];
before(async () => {
  git = await startGitServer(join(folder, "git"), "127.0.0.1", { address: "127.0.0.1" });
  updater = await startHttpServer(({ headers }, response, body) => {
    const { subject, data } = JSON.parse(body) as { subject: string; data: { digest: string } };
    received.push([subject, data.digest, headers["x-webhook-secret"]].join(" "));
    response.end("Webhook received and processing");
  });
  const followed = { image, tag: "main", applications: ["web-site", "web-worker"] };
  scene = await startScene({ folder, programs: programsFolder, git, name: "web", build: { followed } });
  tip = scene.commit({ file: "one" });
  scene.publish(tip, "main");
});
after(() => {
  for (const one of [git, updater, scene]) one.close();
});

/** An Application that is set to run the image with this digest. */
function application(digest: string, creationTimestamp = "2026-11-24T10:00:00Z"): object {
  const source = { kustomize: { images: [`${image}:main@${digest}`] } };
  return { metadata: { creationTimestamp }, spec: { source } };
}

function hoursAgo(hours: number): string {
  const milliseconds = hours * 3_600_000;
  return new Date(Date.now() - milliseconds).toISOString();
}

interface Build {
  readonly created?: string;
  readonly phase?: string;
  readonly published?: boolean;
}

function build({ created = "2026-11-25T10:00:00Z", phase = "Failed", published = true }: Build) {
  const labels = {
    "argo-cicd/service": "web",
    "argo-cicd/branch": "main",
    "argo-cicd/git-tag": "",
    "argo-cicd/commit": tip,
    "workflows.argoproj.io/phase": phase,
    ...(published ? { "argo-cicd/published": "true" } : {}),
  };
  return { name: `web-${created.slice(11, 13)}`, created, labels };
}

function check() {
  const variables = { APPLICATIONS_NAMESPACE: "argocd", UPDATER: updater.url };
  return scene.check({ variables });
}

describe("a check for lost pushes, after a build that waited in vain for its image to be rolled out,", () => {
  beforeEach(() => {
    received.length = 0;
    scene.kubernetes.workflows = [build({})];
    scene.kubernetes.objects.set("web-site", [application(digestOf(tip))]);
    scene.kubernetes.objects.set("web-worker", [application(digestOf("0".repeat(40)))]);
  });

  it("notifies the Image Updater again while an Application does not have the image", async () => {
    const { stdout, status, made } = await check();
    assert.deepEqual(received, [`team/web:main ${digestOf(tip)} updater-secret`]);
    assert.match(stdout, /^notified the Image Updater of team\/web:main$/m);
    assert.deepEqual([status, made], [0, []]);
  });

  it("does so though no manifest of an Application could be read yet", async () => {
    scene.kubernetes.objects.set("web-worker", [{ metadata: {}, spec: { source: {} }, status: {} }]);
    await check();
    assert.equal(received.length, 1);
  });

  it("does not once every Application has it", async () => {
    scene.kubernetes.objects.set("web-worker", [application(digestOf(tip))]);
    await check();
    assert.deepEqual(received, []);
  });

  it("does not while a build runs, after one that succeeded, or after one that published nothing", async () => {
    const others: Build[] = [{ phase: "Running" }, { phase: "Succeeded" }, { published: false }];
    for (const other of others) {
      scene.kubernetes.workflows = [build({}), build({ created: "2026-11-25T11:00:00Z", ...other })];
      await check();
      assert.deepEqual(received, [], JSON.stringify(other));
    }
  });

  it("does so for a new Application, after a build that succeeded, and where there is no build any more", async () => {
    const other = digestOf("0".repeat(40));
    for (const workflows of [[build({ phase: "Succeeded" })], []]) {
      received.length = 0;
      scene.kubernetes.workflows = workflows;
      scene.kubernetes.objects.set("web-worker", [application(other, hoursAgo(1))]);
      await check();
      assert.equal(received.length, 1);
      scene.kubernetes.objects.set("web-worker", [application(other, hoursAgo(25))]);
      await check();
      assert.equal(received.length, 1);
    }
  });

  it("leaves a new Application to the build that runs, and to one that is newer", async () => {
    const other = digestOf("0".repeat(40));
    scene.kubernetes.objects.set("web-worker", [application(other, hoursAgo(1))]);
    for (const phase of ["Running", "Succeeded"]) {
      scene.kubernetes.workflows = [build({ phase, created: hoursAgo(0.5) })];
      await check();
      assert.deepEqual(received, []);
    }
  });

  it("reports an Application that cannot be read, and goes on", async () => {
    scene.kubernetes.objects.set("web-worker", []);
    const { stdout, status } = await check();
    assert.match(stdout, /^cannot determine whether web was rolled out: Application web-worker: .*404/m);
    assert.deepEqual([received, status], [[], 0]);
  });

  it("goes on where the Image Updater does not answer", async () => {
    const variables = { APPLICATIONS_NAMESPACE: "argocd", UPDATER: "http://127.0.0.1:9" };
    const { stdout, status } = await scene.check({ variables });
    assert.match(stdout, /^could not notify the Image Updater of team\/web:main/m);
    assert.equal(status, 0);
  });

  it("asks for no Application where builds do not wait", async () => {
    const { followed, ...rest } = scene.build;
    assert.ok(followed !== undefined);
    await scene.check({ builds: [rest] });
    assert.deepEqual(received, []);
  });
});
