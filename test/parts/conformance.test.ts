/**
 * Kaniko builds Dockerfiles as Docker does, in a container with the arguments, mounts and rights that a stack gives it.
 *
 * The executor is the older one of the other lanes, which builds fewer cases like Docker. If KANIKO_EXECUTOR is set,
 * that executor must build all of them. docs/conformance.md has the results of the installed version.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { cases } from "../conformance/cases.ts";
import { existing } from "../support/cluster-environment.ts";
import { clusterTool } from "../support/cluster-tools.ts";
import type { Comparison, Laboratory } from "../support/conformance.ts";
import { buildAll } from "../support/conformance.ts";
import { openLaboratory } from "../support/conformance-laboratory.ts";
import { temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("conformance");
const given = process.env["KANIKO_EXECUTOR"];
const wanted = cases.filter(
  ({ refused, unnoticed, newer }) =>
    refused === undefined && unnoticed === undefined && (given !== undefined || newer === undefined),
);
const skip = existing === undefined ? false : "with an existing cluster, no runc is required";

describe("Kaniko builds what Docker builds, also from the cache", { skip }, () => {
  let laboratory: (Laboratory & { readonly close: () => void }) | undefined;
  const found = new Map<string, Comparison>();
  before(async () => {
    const executor = given ?? (await clusterTool("kaniko-executor"));
    laboratory = await openLaboratory({ builder: "kaniko", executor }, folder);
    await buildAll(wanted, laboratory, ({ construct }, comparison) => found.set(construct, comparison));
  });
  after(() => laboratory?.close());

  for (const { construct, result } of wanted) {
    it(`${construct}: ${result}`, () => {
      assert.deepEqual(found.get(construct), { first: [], cached: [] });
    });
  }
});
