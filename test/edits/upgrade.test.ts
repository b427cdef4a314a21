import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { earlierState, earlierUrns } from "../support/earlier-state.ts";
import type { Engine } from "../support/engine.ts";
import { startEngine } from "../support/engine.ts";

/**
 * `earlier` has the URNs of the stacks as they were once, and is no output of any command. Add the lines of what is new when
 * clusters have it; take a line away only with a resource that an update is meant to delete.
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

    it("would delete what has another URN and no alias", async () => {
      const template = "argo-cicd:index:Builds$kubernetes:argoproj.io/v1alpha1:WorkflowTemplate";
      const [name, gone] = [`${template}::alog-front-web`, `${template}::gone`];
      await assert.rejects(
        engine.importState((today) => earlierState(today, [...urns, gone]).state),
        { message: /^declared no more/ },
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
