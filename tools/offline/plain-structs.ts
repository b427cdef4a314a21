/**
 * Lets Pulumi's messages hold plain objects for as long as they stay in this process.
 *
 * To its mocks too Pulumi hands inputs as protobuf's `Struct`, one message for each value, and takes outputs back as
 * another: half of the time of an evaluation, and most of its memory. Here a `Struct` keeps the object that it is made of.
 */
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { withMember } from "./with-member.ts";

type Plain = Record<string, JavaScriptValue>;

/** Every message of a plain object is made by this function. */
const maker = "fromJavaScript";

class PlainStruct extends structs.Struct {
  readonly #plain: Plain;

  constructor(plain: Plain) {
    super();
    this.#plain = plain;
  }

  override toJavaScript(): Plain {
    return sortedObject(this.#plain);
  }

  /** On a wire it would be empty. */
  override serializeBinary(): Uint8Array {
    throw new Error("this message does not leave the process");
  }
}

export function withPlainStructs<Result>(run: () => Promise<Result>): Promise<Result> {
  return withMember(structs.Struct, maker, (plain: Plain) => new PlainStruct(plain), run);
}

/** A `Struct` hands out its keys in this order. */
function sortedObject(plain: Plain): Plain {
  const sorted: Plain = {};
  for (const key of Object.keys(plain).sort()) sorted[key] = sortedValue(plain[key] ?? null);
  return sorted;
}

function sortedValue(value: JavaScriptValue): JavaScriptValue {
  if (Array.isArray(value)) return value.map(sortedValue);
  return typeof value === "object" && value !== null ? sortedObject(value as Plain) : value;
}
