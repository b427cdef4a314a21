/** The program that waits until an image runs, with stand-ins for Argo CD and GitHub. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { statusServer } from "../../support/github-server.ts";
import { startHangingServer, startHttpServer } from "../../support/http-server.ts";
import type { Note } from "../../support/kubernetes-server.ts";
import type { ApplicationState } from "../../support/live-program.ts";
import {
  digest,
  image,
  inProgress,
  live,
  older,
  queued,
  rollingOut,
  run,
} from "../../support/live-program.ts";

describe("live.ts", { concurrency: true }, () => {
  it("follows the image until it runs, and measures the time", async () => {
    const { status, stderr, reported, seconds, deployment } = await run(
      { web: [...rollingOut, live] },
      { TIME_LIMIT: "30" },
    );
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(
      reported.join("\n"),
      new RegExp(`^${queued}\n${inProgress}\nsuccess: live 1[0-9]{2} s after the push$`),
    );
    assert.match(seconds ?? "", /^1[0-9]{2}$/);
    assert.deepEqual(deployment?.environment, "develop");
    assert.deepEqual(deployment.statuses[1], {
      state: "in_progress",
      environment: "develop",
      environment_url: "https://web.example",
      log_url: "https://workflows.example/workflows/ci/web-1",
      description: "Argo CD rolls it out",
    });
  });

  it("continues with the Deployment of its first attempt, and creates one if there is none", async () => {
    const first = await run({ web: [live] });
    const again = await run({ web: [live] }, { COMMIT: first.deployment?.ref ?? "", RETRIES: "1" });
    assert.equal(again.deployments.length, 1);
    assert.deepEqual([first.reported.length, again.reported.length], [3, 6]);
    assert.equal((await run({ web: [live] }, { RETRIES: "1" })).deployments.length, 1);
    const rebuilt = await run({ web: [live] }, { COMMIT: first.deployment?.ref ?? "" });
    assert.equal(rebuilt.deployments.length, 2);
  });

  it("creates one Deployment, even if GitHub's answer is lost", async () => {
    const { take, deployments } = statusServer("github_pat_secret", /^acme\/web$/);
    let isLost = true;
    const gateway = await startHttpServer((request, response, body) => {
      take(request, isLost ? new ServerResponse(request) : response, request.url ?? "", body);
      if (isLost) response.writeHead(502).end();
      isLost = false;
    });
    const { status } = await run({ web: [live] }, { GITHUB_API: gateway.url });
    gateway.close();
    assert.equal(status, 0);
    assert.deepEqual(
      deployments.map(({ statuses }) => statuses.map(({ state }) => state)),
      [["queued", "in_progress", "success"]],
    );
  });

  it("waits for all applications that follow the image", async () => {
    const { status, reported } = await run(
      { web: [live], other: [...rollingOut, live] },
      { TIME_LIMIT: "30" },
    );
    assert.equal(status, 0);
    assert.deepEqual(
      reported.map((one) => one.slice(0, 7)),
      ["queued:", "in_prog", "success"],
    );
  });

  it("refreshes an Application whose image comes by a commit, until it has arrived", async () => {
    // Each request, also a patch, is answered by the next element.
    const states = [{}, {}, {}, {}, {}, {}, {}, {}, {}, live];
    const { status, patches } = await run(
      { web: states, other: [{}, live] },
      { TIME_LIMIT: "30", BY_COMMIT: "web another" },
    );
    const refresh = 'web {"metadata":{"annotations":{"argocd.argoproj.io/refresh":"normal"}}}';
    assert.deepEqual([status, patches], [0, [refresh, refresh]]);
  });

  it("continues if it may not refresh the Application", async () => {
    const { status, stdout } = await run({ web: [] }, { BY_COMMIT: "web" });
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^queued: .*\ncould not make Argo CD refresh web: 404 applications.argoproj.io "web" not found\nfailure: /,
    );
  });

  it("succeeds if a newer image took its place", async () => {
    const newer = `sha256:${"f".repeat(64)}`;
    const states = [{}, { wanted: digest }, { wanted: newer, phase: "Running" }];
    const { status, reported, seconds } = await run({ web: states }, { TIME_LIMIT: "30" });
    assert.equal(status, 0);
    assert.deepEqual(reported, [queued, inProgress, "inactive: a newer image took its place"]);
    assert.equal(seconds, "0");
  });

  const failing: Readonly<Record<string, readonly [states: readonly ApplicationState[], report: string]>> = {
    "when the sync fails": [
      [
        {},
        {
          wanted: digest,
          synced: digest,
          phase: "Failed",
          message: "one or more objects\nfailed to apply",
        },
      ],
      "failure: the sync of web has failed: one or more objects failed to apply",
    ],
    "when it does not become healthy": [
      [
        {
          ...live,
          running: [older, digest],
          health: "Degraded",
          unhealthy: "exceeded its progress deadline",
        },
      ],
      "failure: not live after 3 s: web: Deployment web is Degraded: exceeded its progress deadline",
    ],
    "cut to the length that GitHub accepts": [
      [{ ...live, health: "Degraded", unhealthy: "é".repeat(300) }],
      `failure: ${"not live after 3 s: web: Deployment web is Degraded: ".padEnd(139, "é")}…`,
    ],
    "when the manifests cannot be rendered": [
      [
        {
          wanted: digest,
          condition:
            "Failed to load target state:\nrpc error: code = Unknown desc = k8s: app path does not exist",
        },
      ],
      "failure: not live after 3 s: web: k8s: app path does not exist",
    ],
    "when the application does not have the image": [
      [{ wanted: null, running: [] }],
      `failure: not live after 3 s: web does not have the image yet: check that its manifests name ${image}, then the Image Updater's log`,
    ],
  };
  for (const [what, [states, report]] of Object.entries(failing)) {
    it(`reports the reason ${what}`, async () => {
      const { status, reported, seconds } = await run({ web: states });
      assert.equal(status, 1);
      assert.equal(reported.at(-1), report);
      assert.equal(seconds, "0");
    });
  }

  it("reports an Application that does not exist", async () => {
    const { status, reported } = await run({ web: [] });
    assert.equal(status, 1);
    assert.equal(
      reported.at(-1),
      'failure: not live after 3 s: cannot read the Application web: 404 applications.argoproj.io "web" not found',
    );
  });

  it("creates no Deployment if nothing is reported to GitHub", async () => {
    const { status, stdout, deployment } = await run({ web: [live] }, { GITHUB_API: "" });
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^queued: waiting for Argo CD\nin_progress: Argo CD rolls it out\nsuccess: live 1[0-9]{2} s after the push\n$/,
    );
    assert.equal(deployment, undefined);
  });

  it("continues if GitHub refuses, and says why", async () => {
    const { status, stdout } = await run({ web: [live] }, { REPOSITORY: "acme/unknown" });
    assert.equal(status, 0);
    assert.match(stdout, /^could not report to GitHub: 404 Not Found\nqueued: /);
  });

  it("reports no state that lasts too briefly to be seen", async () => {
    const { status, stdout, reported } = await run({ web: [live] }, { REPORT_AFTER: "10" });
    assert.equal(status, 0);
    assert.match(stdout, /^queued: .*\nin_progress: .*\nsuccess: /);
    assert.deepEqual(reported, [stdout.trim().split("\n").at(-1)]);
  });

  it("leaves the outcome to the check for lost pushes if GitHub is temporarily unavailable", async () => {
    let deployments = 0;
    const limit = "You have exceeded a secondary rate limit";
    const limited = await startHttpServer((request, response) => {
      const isOpening = request.url === "/repos/acme/web/deployments";
      if (isOpening && deployments++ > 0) response.writeHead(201).end('{"id":1}');
      else response.writeHead(403).end(JSON.stringify({ message: limit }));
    });
    for (const id of ["", "1"]) {
      const { status, stdout, patches } = await run({ web: [live] }, { GITHUB_API: limited.url });
      assert.equal(status, 0);
      assert.match(stdout, /\nrecorded on the Workflow web-1 what to report to GitHub later\n$/);
      const [patch, ...others] = patches.map((one) => JSON.parse(one) as Note);
      assert.deepEqual([patch?.metadata.labels, others], [{ "argo-cicd/unreported": "true" }, []]);
      const { at, description, ...note } = JSON.parse(
        patch?.metadata.annotations["argo-cicd/unreported-deployment"] ?? "",
      ) as Readonly<Record<string, unknown>>;
      assert.ok(typeof at === "number" && Date.now() - at < 60_000);
      assert.match(String(description), /^live 1[0-9]{2} s after the push$/);
      assert.deepEqual(note, {
        ...{ id, commit: note["commit"], environment: "develop", environmentUrl: "https://web.example" },
        ...{ targetUrl: "https://workflows.example/workflows/ci/web-1", state: "success" },
      });
    }
    limited.close();
  });

  it("continues if GitHub does not answer", async () => {
    const hanging = await startHangingServer();
    const { status, stdout } = await run({ web: [live] }, { GITHUB_API: hanging.url });
    hanging.close();
    assert.equal(status, 0);
    assert.match(stdout, /^could not report to GitHub: 000 .*timed out/);
  });

  it("continues if an Application is temporarily unreadable", async () => {
    const { status, reported } = await run({ web: [{}, "unreadable", live] }, { TIME_LIMIT: "30" });
    assert.deepEqual([status, reported.at(-1)?.slice(0, 13)], [0, "success: live"]);
  });

  const stopped = ["error: stopped"];

  it("reports that it was stopped, and nothing after that", async () => {
    const { status, reported, stdout, seconds } = await run({ web: [{}] }, { TIME_LIMIT: "30" }, whenQueued);
    assert.deepEqual([status, reported, seconds], [1, [queued, ...stopped], "0"]);
    assert.equal(stdout, `${queued}\nerror: stopped\n`);
  });

  it("reports at once that it was stopped while the API server does not answer", async () => {
    const hanging = await startHangingServer();
    let signalled = Infinity;
    const variables = { TIME_LIMIT: "30", KUBERNETES_API: hanging.url };
    const { status, reported } = await run({ web: [] }, variables, (child) =>
      whenQueued(child, () => (signalled = performance.now())),
    );
    hanging.close();
    assert.deepEqual([status, reported], [1, [queued, ...stopped]]);
    assert.ok(performance.now() - signalled < 10_000);
  });
});

/** Stops a program once it waits. */
function whenQueued(child: ChildProcess, then: () => void = () => undefined): void {
  const stop = () => {
    child.kill("SIGTERM");
    then();
  };
  child.stdout?.on("data", (chunk: Buffer) => {
    if (chunk.toString().includes(queued)) setTimeout(stop, 500);
  });
}
