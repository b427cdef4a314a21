import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { evaluate } from "../tools/offline/evaluate.ts";
import { withPlainStructs } from "../tools/offline/plain-structs.ts";
import { smallConfig, stackOf } from "./support/declare.ts";

type Plain = Record<string, null>;

/** As text, which includes the order of keys. */
function throughStruct(plain: Plain): string {
  return JSON.stringify(structs.Struct.fromJavaScript(plain).toJavaScript());
}

describe("a plain Struct", () => {
  it("returns the same as protobuf's, in the same order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (value) => {
        const plain = value as Plain;
        const expected = throughStruct(plain);
        assert.equal(await withPlainStructs(() => Promise.resolve(throughStruct(plain))), expected);
      }),
    );
  });

  it("is replaced again after the call", async () => {
    await assert.rejects(withPlainStructs(() => Promise.reject(new Error("of the program"))));
    assert.equal(structs.Struct.fromJavaScript({ key: null }).getFieldsMap().getLength(), 1);
  });

  it("cannot be serialized", async () => {
    await withPlainStructs(() => {
      assert.throws(() => structs.Struct.fromJavaScript({}).serializeBinary(), /must not leave the process/);
      return Promise.resolve();
    });
  });

  /** If this fails, Pulumi no longer uses this Struct: previews stay correct, but are slow. */
  it("is used by Pulumi: an evaluation creates no protobuf Value", async ({ mock }) => {
    const { mock: made } = mock.method(structs.Value, "fromJavaScript");
    throughStruct({ counted: null });
    assert.equal(made.callCount(), 1);
    await evaluate(stackOf(smallConfig()), () => import("../index.ts"));
    assert.equal(made.callCount(), 1);
  });
});
