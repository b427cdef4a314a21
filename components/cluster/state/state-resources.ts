/** Resources in the stack's state. */
import type { z } from "zod";

/** A resource as the last operation left it in the stack's state. */
export interface StateResource {
  /** Pulumi's type token. */
  readonly type: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The outputs of the resources that have this shape. */
export function outputsLike<Shape>(state: readonly StateResource[], shape: z.ZodType<Shape>): Shape[] {
  return state.flatMap(({ outputs }) => {
    const { data } = shape.safeParse(outputs);
    return data === undefined ? [] : [data];
  });
}
