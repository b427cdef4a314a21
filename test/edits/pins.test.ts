import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Config } from "../support/declare.ts";
import type { Engine } from "../support/engine.ts";
import { startEngine } from "../support/engine.ts";
import type { HttpServer } from "../support/http-server.ts";
import { startHttpServer } from "../support/http-server.ts";

describe("a pin", () => {
  let engine: Engine;
  let registry: HttpServer;
  const images = new Set<string>();
  before(async () => {
    registry = await startHttpServer(({ url = "" }, response) => {
      response.writeHead(images.has(url) ? 200 : 404).end();
    });
    engine = await startEngine("publish");
    engine.edit((config) => {
      Object.assign(config["registry"] as Config, { host: new URL(registry.url).host, insecure: true });
    });
    await engine.up();
  });
  after(() => {
    registry.close();
    engine.close();
  });

  const pin = (commit: string | undefined) => {
    engine.edit((config) => {
      const { alog } = config["projects"] as Record<"alog", { repositories: unknown[] }>;
      alog.repositories[1] = { name: "alog-service-user", ...(commit === undefined ? {} : { pin: commit }) };
    });
  };

  it("to a commit that was never built is refused before anything changes", async () => {
    pin("1a2b3c4");
    const { length } = engine.world.changes;
    for (const operation of [engine.preview, engine.up]) {
      await assert.rejects(operation(), (error: Error) => {
        assert.ok(
          error.message
            .replace(/^ +/gm, "")
            .includes(
              [
                "Pulumi.publish.yaml has 1 error; nothing was declared.",
                "",
                'argo-cicd:projects.alog.repositories[1].pin = "1a2b3c4"',
                "rule: the registry has no image chromato99/alog-service-user:main-1a2b3c4",
                "fix:  use a commit that was built, or first build this one by hand (docs/builds.md)",
              ].join("\n"),
            ),
          error.message,
        );
        assert.doesNotMatch(error.message, /pins\.ts|node:internal/);
        return true;
      });
    }
    assert.equal(engine.world.changes.length, length);
  });

  it("changes only the ImageUpdater, the service's builds and the catch-up, and so does its removal", async () => {
    images.add("/v2/chromato99/alog-service-user/manifests/main-1a2b3c4");
    pin("1a2b3c4");
    const pinned = {
      update: ["ConfigMap ci/catch-up", "ImageUpdater alog", "WorkflowTemplate alog-service-user"],
    };
    assert.deepEqual(await engine.preview(), pinned);
    assert.match(engine.printed(), /alog-service-user is pinned at 1a2b3c4: builds of newer commits are not/);
    assert.deepEqual(await engine.up(), pinned);
    pin(undefined);
    assert.deepEqual(await engine.up(), pinned);
  });

  it("is set with a warning if the registry cannot be reached", async () => {
    registry.close();
    pin("1a2b3c4");
    assert.deepEqual(await engine.up(), {
      update: ["ConfigMap ci/catch-up", "ImageUpdater alog", "WorkflowTemplate alog-service-user"],
    });
    assert.match(
      engine.printed(),
      /Cannot check whether the registry has chromato99\/alog-service-user:main-1a2b3c4, which projects\.alog\.repositories\[1\]\.pin deploys: connect ECONNREFUSED/,
    );
  });
});
