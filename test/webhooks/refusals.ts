/** Deliveries that must start no build. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Delivery } from "../support/cluster-deliveries.ts";
import { bySha1, bySha256 } from "../support/cluster-deliveries.ts";
import type { Trigger } from "../support/cluster-trigger.ts";
import { branchOf, pushOf, randomCommit } from "../support/cluster-trigger.ts";

const branch = branchOf("alog-service-user");

/** A push that would start a build, but for the changes. */
function pushWith(changes: object): string {
  return JSON.stringify({ ...Object(JSON.parse(pushOf("alog-service-user", randomCommit()))), ...changes });
}

/** @param trigger returns the trigger of the project alog, once it has started */
export function itRefuses(trigger: () => Trigger): void {
  it("are refused without the right signature", async () => {
    const before = await trigger().workflows();
    const body = pushOf("alog-service-user", randomCommit());
    const { key } = trigger();
    for (const signatures of [
      {},
      bySha256("another key", body),
      bySha256(key, `${body} `),
      bySha1("", body),
    ]) {
      assert.equal(await trigger().send({ body, signatures }), 400, JSON.stringify(signatures));
    }
    await trigger().settle();
    assert.deepEqual((await trigger().workflows()).length, before.length + 1);
  });

  it("start nothing when only the weaker signature of older GitHub versions is right", async () => {
    const before = await trigger().workflows();
    const body = pushOf("alog-service-user", randomCommit());
    // The EventSource accepts it; the Sensor does not.
    assert.equal(await trigger().send({ body, signatures: bySha1(trigger().key, body) }), 200);
    await trigger().settle();
    assert.equal((await trigger().workflows()).length, before.length + 1);
  });

  const silent: Readonly<Record<string, () => Delivery>> = {
    "a ping": () => ({ event: "ping", body: pushOf("alog-service-user", randomCommit()) }),
    "the deletion of the branch": () => ({ body: pushOf("alog-service-user", "0".repeat(40)) }),
    "the deletion of the branch, with a commit": () => ({ body: pushWith({ deleted: true }) }),
    "no commit, and no deletion": () => ({ body: pushWith({ after: "0".repeat(40) }) }),
    "a tag": () => ({ body: pushOf("alog-service-user", randomCommit(), `refs/tags/${branch}`) }),
    "another branch": () => ({ body: pushOf("alog-service-user", randomCommit(), "refs/heads/main") }),
    "a branch with the same prefix": () => ({
      body: pushOf("alog-service-user", randomCommit(), `refs/heads/${branch}-x`),
    }),
    "a repository that is not declared": () => ({ body: pushOf("alog-service-unknown", randomCommit()) }),
    "a repository of the other project": () => ({ body: pushOf("aform-service-user", randomCommit()) }),
    "a fork of the same name": () => ({
      body: pushOf("alog-service-user", randomCommit(), `refs/heads/${branch}`, "somebody"),
    }),
  };
  for (const [what, delivery] of Object.entries(silent)) {
    it(`start nothing for ${what}`, async () => {
      const before = await trigger().workflows();
      assert.equal(await trigger().send(delivery()), 200);
      await trigger().settle();
      assert.equal((await trigger().workflows()).length, before.length + 1);
    });
  }
}
