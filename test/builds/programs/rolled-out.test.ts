/** The program that waits until an image runs, with an image that no pod runs, or that does not arrive. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Reminder } from "../../../components/builds/programs/reminder.ts";
import { startHttpServer } from "../../support/http-server.ts";
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

describe("live.ts, for an image that no pod runs,", { concurrency: true }, () => {
  /** The state after a sync with the image if no pod has the image. */
  const rolledOut: ApplicationState = { wanted: digest, synced: digest, compared: digest, running: [] };
  const nightly = { "CronJob nightly": digest };
  const idle: Readonly<Record<string, ApplicationState>> = {
    "CronJob nightly": { ...rolledOut, applied: nightly },
    "Deployment web": { ...rolledOut },
    "Job migrate, CronJob nightly": {
      ...rolledOut,
      // Pods of earlier runs.
      running: [older],
      applied: { "Job migrate": digest, ...nightly, "Deployment other": older },
    },
  };
  for (const [objects, state] of Object.entries(idle)) {
    it(`succeeds, and says so, if ${objects} needs no pod now`, async () => {
      const { status, reported, seconds } = await run({ web: [{}, state] }, { TIME_LIMIT: "30" });
      assert.equal(status, 0);
      assert.match(
        reported.at(-1) ?? "",
        new RegExp(`^success: rolled out 1[0-9]{2} s after the push: no pod of ${objects} runs now$`),
      );
      assert.deepEqual([reported[1], seconds], [inProgress, "0"]);
    });
  }

  it("succeeds if the image came by a commit", async () => {
    const committed: ApplicationState = {
      ...rolledOut,
      wanted: null,
      applied: nightly,
      revisions: ["c2", "c2"],
    };
    const { status, reported } = await run({ web: [{ wanted: null }, committed] }, { BY_COMMIT: "web" });
    assert.equal(status, 0);
    assert.match(reported.at(-1) ?? "", /^success: rolled out .* no pod of CronJob nightly runs now$/);
  });

  it("succeeds even if the last sync was of other objects", async () => {
    const states = [
      { ...rolledOut, applied: nightly, health: "Progressing" },
      { ...rolledOut, applied: { "ConfigMap web": older } },
    ];
    const { status, reported } = await run({ web: states }, { TIME_LIMIT: "30" });
    assert.equal(status, 0);
    assert.match(reported.at(-1) ?? "", /no pod of CronJob nightly runs now$/);
  });

  const notIdle: Readonly<Record<string, readonly [state: ApplicationState, why: string]>> = {
    "a Deployment has pods of the previous image": [
      { ...rolledOut, running: [older], message: "waiting for healthy state" },
      "waiting for healthy state",
    ],
    "a Deployment cannot make its pods": [
      { ...rolledOut, health: "Degraded", unhealthy: "exceeded its progress deadline" },
      "Deployment web is Degraded: exceeded its progress deadline",
    ],
    "nothing names the image": [
      { ...rolledOut, applied: { "Deployment web": older } },
      `nothing in its manifests names ${image}`,
    ],
    "the object that named it was removed": [
      { ...rolledOut, applied: { "CronJob nightly Pruned": digest } },
      `nothing in its manifests names ${image}`,
    ],
    "the sync is not compared yet": [
      { ...rolledOut, applied: nightly, compared: older, message: "synced" },
      "synced",
    ],
    "another commit was compared": [
      { ...rolledOut, applied: nightly, revisions: ["c2", "c1"], message: "synced" },
      "synced",
    ],
    "the sync is running": [
      { ...rolledOut, applied: nightly, phase: "Running", message: "running hooks" },
      "running hooks",
    ],
  };
  for (const [what, [state, why]] of Object.entries(notIdle)) {
    it(`fails if no pod has the image and ${what}`, async () => {
      const { status, reported } = await run({ web: [state] });
      assert.equal(status, 1);
      const expected = `failure: not live after 3 s: no pod of web runs the image yet: ${why}`;
      assert.equal(reported.at(-1), expected.length > 149 ? `${expected.slice(0, 148)}…` : expected);
    });
  }

  it("notifies the Image Updater again while nothing happens, at growing intervals", async () => {
    const states = [{}, {}, {}, {}, {}, {}, {}, live];
    const { status, reminders, stdout } = await run({ web: states }, { TIME_LIMIT: "30", REMIND_AFTER: "1" });
    assert.deepEqual([status, reminders.length], [0, 2]);
    assert.match(stdout, /^queued: .*\nnotified the Image Updater of acme\/web-[0-9]+:develop\n/);
  });

  it("reminds it at another time than other builds, since it would keep only one of their images", async (context) => {
    const { mock } = context;
    const server = await startHttpServer((_, response) => response.end());
    const notified: string[] = [];
    const reminderAt = (random: number, name: string) => {
      mock.method(Math, "random", () => random);
      const own = { REGISTRY: "registry:5000", IMAGE_PATH: name, TAG: "develop", DIGEST: digest };
      const updater = { UPDATER: server.url, UPDATER_TOKEN_FILE: join(import.meta.dirname, "none") };
      return new Reminder({ REMIND_AFTER: "0.01", ...own, ...updater });
    };
    // Far more than Math.random() returns, so that the second one is not due even on a slow machine.
    const reminders = [reminderAt(0, "first"), reminderAt(1e6, "second")];
    mock.method(console, "error", () => undefined);
    mock.method(console, "log", (text: string) => notified.push(text));
    await wait(20);
    for (const one of reminders) await one.remind();
    server.close();
    assert.deepEqual(notified, ["notified the Image Updater of first:develop"]);
  });

  it("does not remind it once it has set the image", async () => {
    const states = [...rollingOut.slice(1), ...rollingOut.slice(1), live];
    const { status, reminders } = await run({ web: states }, { TIME_LIMIT: "30", REMIND_AFTER: "1" });
    assert.deepEqual([status, reminders], [0, []]);
  });

  describe("with sync windows", () => {
    const held: ApplicationState = { wanted: digest, compared: digest, status: "OutOfSync" };
    const windows = { TIME_LIMIT: "30", WITH_WINDOWS: "shop web" };
    const why = "queued: a sync window blocks the sync of web; Argo CD rolls it out once syncs are allowed";

    it("does not wait for one to open, and says so", async () => {
      const { status, reported, seconds } = await run({ web: [{}, held], other: [live] }, windows);
      assert.deepEqual([status, reported, seconds], [0, [queued, inProgress, why], "0"]);
    });

    it("does not mistake the moment before a sync for a closed window", async () => {
      const { status, reported } = await run({ web: [held, held, live] }, windows);
      assert.deepEqual([status, reported.at(-1)?.slice(0, 13)], [0, "success: live"]);
    });

    it("does not wait if the window has closed during a sync", async () => {
      const blocked: ApplicationState = {
        ...held,
        phase: "Running",
        message: "Sync operation blocked by sync window",
      };
      const { status, reported } = await run({ web: [blocked] }, windows);
      assert.deepEqual([status, reported.at(-1)], [0, why]);
    });

    it("waits if the Application has none", async () => {
      const { status, reported } = await run({ web: [held] }, { WITH_WINDOWS: "shop" });
      assert.equal(status, 1);
      assert.match(reported.at(-1) ?? "", /^failure: not live after 3 s: no pod of web runs the image yet/);
    });
  });
});
