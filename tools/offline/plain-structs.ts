/**
 * Lets Pulumi's messages contain plain objects while they stay in this process.
 *
 * Pulumi passes inputs as a protobuf `Struct` even to its mocks, one message for each value, and receives outputs as
 * another. That takes half of the time of an evaluation, and most of its memory. Here, a `Struct` keeps the object that
 * it is created from.
 */
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { withMember } from "./with-member.ts";

type Plain = Record<string, JavaScriptValue>;

/** The function that creates every `Struct` of a plain object. */
const factory = "fromJavaScript";

class PlainStruct extends structs.Struct {
  readonly #plain: Plain;

  constructor(plain: Plain) {
    super();
    this.#plain = plain;
  }

  override toJavaScript(): Plain {
    return sortedObject(this.#plain);
  }

  /** Serialized, it would be empty. */
  override serializeBinary(): Uint8Array {
    throw new Error("this message must not leave the process");
  }
}

export function withPlainStructs<Result>(run: () => Promise<Result>): Promise<Result> {
  return withMember(structs.Struct, factory, (plain: Plain) => new PlainStruct(plain), run);
}

/** A real `Struct` returns its keys in this order. */
function sortedObject(plain: Plain): Plain {
  const sorted: Plain = {};
  for (const key of Object.keys(plain).sort()) sorted[key] = sortedValue(plain[key] ?? null);
  return sorted;
}

function sortedValue(value: JavaScriptValue): JavaScriptValue {
  if (Array.isArray(value)) return value.map(sortedValue);
  return typeof value === "object" && value !== null ? sortedObject(value as Plain) : value;
}
