/** Reads fields of Kubernetes objects. */
import { at, listAt, textAt } from "../builds/programs/json.ts";
import { cut, oneLine, withoutControls } from "../builds/programs/text.ts";

export interface Condition {
  /** `Unknown` if the object has no condition of that type. */
  readonly status: string;
  /** The controller's message or, without one, its reason. */
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

/** The number under these keys; 0 if it is missing. */
export function numberAt(value: unknown, ...keys: readonly string[]): number {
  const found = at(value, ...keys);
  return typeof found === "number" ? found : 0;
}

/** Text from elsewhere, safe to show in one line. */
export function shown(text: string): string {
  return cut(withoutControls(oneLine(text)), 200, "…");
}
