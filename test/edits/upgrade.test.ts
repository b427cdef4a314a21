import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { smallConfig, smallProject } from "../support/declare.ts";
import { earlierState, earlierUrns, shortUrn } from "../support/earlier-state.ts";
import type { Engine } from "../support/engine.ts";
import { startEngine } from "../support/engine.ts";

/**
 * `earlier` has the URNs of an earlier version of the stacks; no command generates it. Add the lines of new resources
 * once clusters have them. Remove a line only with a resource that an update is meant to delete.
 */
for (const stack of ["develop", "publish"]) {
  describe(`an update of the stack ${stack} from an earlier version`, () => {
    const urns = earlierUrns(stack);
    let engine: Engine;
    let older: readonly string[] = [];
    let added: readonly string[] = [];
    before(async () => {
      engine = await startEngine(stack);
      await engine.up();
      await engine.importState((today) => {
        const earlier = earlierState(today, urns);
        ({ older, added } = earlier);
        return earlier.state;
      });
      engine.world.changes.length = 0;
    });
    after(() => engine.close());

    it("changes what has older images, versions and labels, and replaces and deletes nothing", async () => {
      for (const name of ["Namespace::ci", "Release::argo-cd", "WorkflowTemplate::alog-front-web"])
        assert.ok(
          older.some((urn) => urn.endsWith(`:${name}`)),
          name,
        );
      const plan = await engine.preview();
      const { update = [], create = [], ...rest } = plan;
      assert.deepEqual([update.length, create.length, rest], [older.length, added.length, {}]);
      assert.deepEqual(await engine.up(), plan);
      assert.ok(engine.world.changes.every(({ operation }) => operation !== "delete"));
      assert.deepEqual(await engine.preview(), {});
    });

    it("would delete a resource that has another URN and no alias", async () => {
      const template = "argo-cicd:index:Builds$kubernetes:argoproj.io/v1alpha1:WorkflowTemplate";
      const [name, gone] = [`${template}::alog-front-web`, `${template}::gone`];
      await assert.rejects(
        engine.importState((today) => earlierState(today, [...urns, gone]).state),
        { message: /^no longer declared/ },
      );
      const renamed = urns.map((urn) => (urn === name ? `${gone} = ${name}` : urn));
      await engine.importState((today) => earlierState(today, renamed).state);
      const { update, create = [], ...rest } = await engine.preview();
      assert.equal(update?.length, older.length - 1);
      assert.ok(create.includes("WorkflowTemplate alog-front-web") && create.length === added.length + 1);
      assert.deepEqual(rest, { delete: ["WorkflowTemplate gone"] });
    });
  });
}

describe("an update from a version that named webhooks differently", () => {
  it("keeps the webhooks of a repository with capital letters and of an organization", async () => {
    const webhook = { url: "https://ci.example/videos", organization: true };
    const projects = {
      shop: { ...smallProject(), repositories: [{ name: "Shop-Web", image: "web" }] },
      videos: { ...smallProject(), owner: "other", webhook, repositories: ["player"], applications: [] },
    };
    const engine = await startEngine("publish", { config: smallConfig({ projects }) });
    try {
      await engine.up();
      const earlierNames: Record<string, string> = {
        "RepositoryWebhook::shop-web": "RepositoryWebhook::Shop-Web",
        "OrganizationWebhook::ci.example/videos": "OrganizationWebhook::videos",
      };
      await engine.importState((today) => {
        const urns = today.resources.map(({ urn }) => {
          const now = shortUrn(urn);
          const [name = ""] = Object.keys(earlierNames).filter((one) => now.endsWith(`:${one}`));
          return name === "" ? now : `${now.replace(name, earlierNames[name] ?? "")} = ${now}`;
        });
        assert.equal(urns.filter((line) => line.includes(" = ")).length, 2);
        return earlierState(today, urns).state;
      });
      const { update, ...rest } = await engine.preview();
      assert.ok(update !== undefined);
      assert.deepEqual(rest, {});
    } finally {
      engine.close();
    }
  });
});
