/** Builds on real components: what they report to GitHub, and which images the tags point to. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Builder } from "../support/cluster-builds.ts";
import { builderOf, keptLog, ourLabels } from "../support/cluster-builds.ts";
import { existing } from "../support/cluster-environment.ts";
import { stackObjects, titleOf } from "../support/cluster-objects.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { applyTemplate } from "../support/cluster-template.ts";
import { namespace, randomCommit, workflow } from "../support/cluster-trigger.ts";
import { until } from "../support/cluster-wait.ts";
import { itBuildsForArchitectures } from "./architectures.ts";
import { itBuildsRefs } from "./refs.ts";

const pending = "pending: building";

/** Writes a different file in each build that runs it. */
const unique = "RUN cat /proc/sys/kernel/random/uuid > /unique";

/** @param started returns the cluster once it has started */
export function describeBuilds(started: () => BuildCluster): void {
  // Most of the time they wait, and each test has its own repository.
  describe("a build", { concurrency: 3 }, () => {
    let cluster: BuildCluster;
    let alog: Builder;
    let aform: Builder;
    let shop: Builder;
    before(async () => {
      cluster = started();
      alog = await builderOf(cluster, "alog");
      aform = await builderOf(cluster, "aform");
      shop = await builderOf(cluster, "shop");
    });

    it("reuses the registry's layers, and the whole image of a commit that was already built", async () => {
      const one = aform.of("aform-service-survey");
      const dockerfile = `FROM ${cluster.baseImage}\n${unique}\nCOPY source /source\n`;
      const first = one.commit({ Dockerfile: dockerfile, source: "one\n" });
      await one.push(first).succeeds();
      const before = await one.image("main");
      assert.deepEqual(Object.keys(before?.labels ?? {}).sort(), [
        "org.opencontainers.image.created",
        "org.opencontainers.image.revision",
        "org.opencontainers.image.source",
      ]);
      assert.deepEqual(one.reported(first), [
        pending,
        `success: moved main, latest, ${before?.digest ?? ""}`,
      ]);

      const second = one.commit({ source: "two\n" });
      await one.push(second).succeeds();
      const after = await one.image("main");
      assert.equal(await after?.read("source"), "two\n");
      const layer = (await before?.read("unique")) ?? "";
      assert.match(layer, /^[0-9a-f-]{36}\n$/);
      assert.equal(await after?.read("unique"), layer, "the layer was built again");

      one.setBack(first);
      await one.push(first).succeeds();
      assert.equal(
        (await one.image("main"))?.digest,
        before?.digest,
        "the tag was set back, to the same image",
      );
      assert.equal(one.reported(first).at(-1), `success: moved main, latest, ${before?.digest ?? ""}`);
    });

    it("creates the same files as Docker at paths that Argo's or Kaniko's pod has too, also from the cache", async () => {
      const one = aform.of("aform-service-post");
      const files = {
        Dockerfile: [
          `FROM ${cluster.baseImage} AS first`,
          "WORKDIR /workspace",
          "COPY scripts scripts",
          "RUN cat scripts/word > result",
          `FROM ${cluster.baseImage}`,
          "COPY scripts /scripts",
          "COPY --from=first /workspace /workspace",
          "COPY scripts/word /results",
        ].join("\n"),
        "scripts/word": "a word\n",
      };
      for (const change of ["one", "two"]) {
        const commit = one.commit({ ...files, "scripts/change": change });
        await one.push(commit).succeeds();
        const image = await one.imageOf(commit);
        for (const path of ["scripts/word", "workspace/result", "workspace/scripts/word", "results"])
          assert.equal(await image?.read(path), "a word\n", path);
        assert.equal(await image?.read("scripts/change"), change);
      }
    });

    it("reports a RUN that fails, and moves no tag", async () => {
      const one = alog.of("alog-service-project");
      const good = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nRUN true\n` });
      await one.push(good).succeeds();
      const bad = one.commit({
        // An expression that Argo would evaluate, and an unclosed one that would break the evaluation.
        Dockerfile: `FROM ${cluster.baseImage}\nRUN echo 'the tests fail {{=sprig.repeat(50000000,"x")}} {{'; exit 3\n`,
      });
      await one.push(bad).fails();
      assert.equal((await one.image("develop"))?.labels["org.opencontainers.image.revision"], good);
      assert.equal(await one.imageOf(bad), undefined);
      assert.deepEqual(
        one.reported(bad).map((text) => text.slice(0, 60)),
        [pending, "failure: build failed: error building image: error building "],
      );
      if (cluster.logStore !== undefined) {
        const kept = await keptLog(cluster.logStore, "alog-service-project");
        assert.match(kept, /the tests fail/);
      }
    });

    it("names the reason if there is no Dockerfile, one that Kaniko gets wrong, or no such commit", async () => {
      const one = alog.of("alog-service-release");
      const empty = one.commit({ readme: "no Dockerfile here\n" });
      await one.push(empty).fails();
      assert.match(
        one.reported(empty).join("\n"),
        /^pending: building\nfailure: checkout failed: there is no Dockerfile in /,
      );
      const ignored = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nCOPY --parents a b\n` });
      await one.push(ignored).fails();
      assert.equal(
        one.reported(ignored).at(-1),
        "failure: checkout failed: Dockerfile:2: Kaniko ignores COPY --parents: leave it out, or `builder: buildkit` in the stack file",
      );
      const unknown = randomCommit();
      await one.push(unknown).fails();
      assert.match(
        one.reported(unknown).join("\n"),
        new RegExp(`^pending: building\nfailure: checkout failed: cannot fetch ${unknown} from`),
      );
    });

    it("is stopped by the build of a newer push, which gets the tags", async () => {
      const one = alog.of("alog-service-issue");
      const slow = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nRUN sleep 900\n` });
      const older = one.push(slow);
      await until("the older build has started", () => one.reported(slow).includes(pending));
      const fast = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nRUN true\n` });
      const newer = one.push(fast);
      await Promise.all([older.fails(), newer.succeeds()]);
      assert.equal((await one.image("develop"))?.labels["org.opencontainers.image.revision"], fast);
      assert.equal(await one.imageOf(slow), undefined);
      await until("it is reported to GitHub", () => one.reported(slow).length === 2);
      assert.deepEqual(one.reported(slow), [pending, `error: superseded by ${fast.slice(0, 7)}`]);
      assert.match(one.reported(fast).at(-1) ?? "", /^success: moved develop, sha256:/);
    });

    it("that ends after a newer build takes no tag from it", async () => {
      const one = alog.of("alog-service-auth");
      const older = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\n${unique}\n` });
      const newer = one.commit({ source: "newer\n" });
      await one.push(newer).succeeds();
      await one.push(older).succeeds();
      const moving = await one.image("develop");
      assert.equal(moving?.labels["org.opencontainers.image.revision"], newer);
      const { digest = "" } = (await one.imageOf(older)) ?? {};
      assert.notEqual(digest, moving.digest);
      assert.deepEqual(one.reported(older), [
        pending,
        `success: develop stays where it is: the branch has moved on, ${digest}`,
      ]);
    });

    it("builds the pushed commit, and moves the tags even if later pushes build nothing", async () => {
      const service = "alog-service-notification";
      const one = alog.of(service);
      const commit = one.commit({
        Dockerfile: `FROM ${cluster.baseImage}\nCOPY greeting /greeting\nRUN cat /greeting > /said\n`,
        greeting: "hello from the commit\n",
      });
      one.commit({ greeting: "hello from a later commit\n" });
      await one.push(commit).succeeds();
      const moving = await one.image("develop");
      assert.equal(await moving?.read("said"), "hello from the commit\n");
      assert.equal(moving?.labels["org.opencontainers.image.revision"], commit);
      assert.equal((await one.imageOf(commit))?.digest, moving.digest);
      assert.match(one.reported(commit).at(-1) ?? "", /^success: moved develop, /);
      const selector = `argo-cicd/commit=${commit}`;
      const [run] = await cluster.api.list(...workflow, namespace, selector);
      assert.deepEqual(ourLabels(run), {
        "argo-cicd/project": "alog",
        "argo-cicd/repository": service,
        "argo-cicd/service": service,
        "argo-cicd/git-tag": "",
        "argo-cicd/branch": "develop",
        "argo-cicd/commit": commit,
      });
    });

    it("gives a Dockerfile's commands no token and no login, and lets them write only their own image", async () => {
      const one = aform.of("aform-front-web");
      const logins = ["/$kaniko", "/root", "/home/user"].map((home) => `${home}/.docker/config.json`);
      const asked = [
        "PUT /v2/chromato99/aform-front-web/manifests/main",
        "PUT /v2/chromato99/alog-front-web/manifests/main-1234567",
        "POST /v2/chromato99/alog-front-web/blobs/uploads/",
        "POST /v2/chromato99/alog-front-web-cache/blobs/uploads/",
        `DELETE /v2/chromato99/aform-front-web/manifests/sha256:${"0".repeat(64)}`,
      ];
      const request =
        "printf '%s HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\n{}'";
      const commit = one.commit({
        Dockerfile: [
          `FROM ${cluster.baseImage}`,
          // The paths are composed at run time, because the check for Kaniko refuses a literal one.
          "RUN var=/var; test ! -e $var/run/secrets/kubernetes.io/serviceaccount/token",
          "RUN kaniko=kaniko; ! echo {{=1+1}} > /$kaniko/argo-cicd/results/commit",
          "RUN kaniko=kaniko; ! rm /$kaniko/argo-cicd/results/commit",
          `RUN kaniko=kaniko; { ls -d /registry-login; cat ${logins.join(" ")} | grep auth; } > /found 2>/dev/null || true`,
          `RUN for one in ${asked.map((text) => `"${text}"`).join(" ")}; do ${request} "$one" | nc 127.0.0.1 5500 | head -n 1; done > /answers`,
        ].join("\n"),
      });
      await one.push(commit).succeeds();
      assert.match(one.reported(commit).at(-1) ?? "", /^success: moved main, latest, /);
      const image = await one.imageOf(commit);
      assert.equal(await image?.read("found"), "");
      assert.deepEqual(
        (await image?.read("answers"))?.trimEnd().split(/\r?\n/),
        asked.map(() => "HTTP/1.1 403 Forbidden"),
      );
    });

    it("of a deleted branch creates the commit's image and moves no tag", async () => {
      const one = alog.of("alog-service-file");
      const gone = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nRUN true\n` });
      one.deleteBranch();
      await one.push(gone).succeeds();
      assert.equal(await one.image("develop"), undefined);
      const { digest = "" } = (await one.imageOf(gone)) ?? {};
      assert.deepEqual(one.reported(gone), [
        pending,
        `success: develop stays where it is: the branch has moved on, ${digest}`,
      ]);
    });

    itBuildsRefs(started);
    itBuildsForArchitectures(started);

    it("of a service in a private repository has its own status and tags, and the git tags", async () => {
      const [api, jobs] = [shop.of("shop", "shop-api"), shop.of("shop", "shop-jobs")];
      const commit = api.commit({
        // The repository's own Dockerfile, which none of its services uses.
        Dockerfile: `FROM ${cluster.baseImage}\nRUN exit 1\n`,
        "api/Dockerfile": `FROM ${cluster.baseImage}\nRUN true\n`,
        "jobs/Dockerfile": `FROM ${cluster.baseImage}\nRUN sleep 60\n`,
      });
      // A git tag starts a build of every service, whichever files changed.
      await api.push(commit, "refs/tags/v1.0.0").succeeds();
      assert.match(
        api.reported(commit).join("\n"),
        /^pending: building\nsuccess: v1\.0\.0 is not set: the git tag has moved on, /,
      );
      await until("the time limit is reported to GitHub", () =>
        jobs.reported(commit).includes("failure: build: exceeded its time limit"),
      );
      cluster.git.git("KEA-ACCELER/shop", "tag", "v1.0.0", commit);
      await api.push(commit, "refs/tags/v1.0.0").succeeds();
      assert.equal((await api.image("v1.0.0"))?.labels["org.opencontainers.image.revision"], commit);
      assert.equal(await api.image("develop"), undefined);
    });

    // The tests' own node has a stand-in for Trivy, which decides by the image's name.
    const skip = existing === undefined ? false : "the real Trivy finds nothing in what is built here";
    it("is not published if the scan finds something and its mode is stop", { skip }, async () => {
      const one = shop.of("shop", "shop-vulnerable");
      const builds = { ...(cluster.config["builds"] as object), scan: { mode: "stop" } };
      const scanning = await stackObjects({ ...cluster.config, builds }, "develop");
      const template = scanning.find((object) => titleOf(object) === "WorkflowTemplate ci/shop-vulnerable");
      assert.ok(template !== undefined);
      await applyTemplate(cluster.api, template);
      const commit = one.commit({ "vulnerable/Dockerfile": `FROM ${cluster.baseImage}\nRUN true\n` });
      await one.byHand({ commit }).fails();
      assert.equal(await one.image("develop"), undefined);
      assert.ok((await one.imageOf(commit)) !== undefined);
      assert.match(
        one.reported(commit).join("\n"),
        /^pending: building\nfailure: scan failed: found vulnerabilities of HIGH or above in /,
      );
    });

    it("started by hand builds the newest commit of the branch", async () => {
      const one = alog.of("alog-front-web");
      const commit = one.commit({
        Dockerfile: `FROM ${cluster.baseImage}\nARG REACT_APP_CLIENT_ID\nRUN echo "$REACT_APP_CLIENT_ID" > /argument\n`,
      });
      await one.byHand({}).succeeds();
      const image = await one.image("develop");
      assert.equal(image?.labels["org.opencontainers.image.revision"], commit);
      assert.equal(await image.read("argument"), "secret value of alog REACT_APP_CLIENT_ID\n");
      assert.match(one.reported(commit).join("\n"), /^pending: building\nsuccess: moved develop, /);
      await one.byHand({ rebuild: "true" }).succeeds();
      assert.notEqual((await one.image("develop"))?.digest, image.digest);
    });
  });
}

/** @param started returns the cluster, in which nothing else may be built at the same time */
export function itOutlivesItsRegistry(started: () => BuildCluster): void {
  it("builds through a short outage of the registry", async () => {
    const cluster = started();
    const one = (await builderOf(cluster, "alog")).of("alog-service-aggregator");
    const commit = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nRUN sleep 5\n` });
    const build = one.push(commit);
    // By then Kaniko has pulled its base image, and has asked the registry whether it may push, which it does once.
    await until("Kaniko runs the RUN", async () => (await one.buildLog()).includes("Running: "));
    await cluster.registry.stop();
    await new Promise((done) => setTimeout(done, 12_000));
    await cluster.registry.start();
    await build.succeeds();
    assert.match(one.reported(commit).at(-1) ?? "", /^success: moved develop, /);
  });
}
