/** Reads the conditions of Kubernetes' objects. */
import { at, listAt, textAt } from "../../components/builds/programs/json.ts";

export interface Condition {
  /** `Unknown` where the object has none of that type. */
  readonly status: string;
  /** Why it is so, in one of the controller's words or more. */
  readonly because: string;
}

export function conditionOf(object: unknown, type: string): Condition {
  const found = listAt(object, "status", "conditions").find((one) => textAt(one, "type") === type);
  return {
    status: textAt(found, "status") || "Unknown",
    because: textAt(found, "message") || textAt(found, "reason"),
  };
}

export function nameOf(object: unknown): string {
  return textAt(object, "metadata", "name");
}

/** The number under these keys; 0 where it is missing. */
export function numberAt(value: unknown, ...keys: readonly string[]): number {
  const found = at(value, ...keys);
  return typeof found === "number" ? found : 0;
}
