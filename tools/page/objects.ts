/** The objects of a stack as the page looks things up in them: by kind, and by what they hold. */
import type { z } from "zod";
import type { Declared } from "../offline/evaluate.ts";
import { isObject, renderOne, unwrap } from "../offline/render.ts";

/** An object of the stack. */
export interface PageObject {
  /** Its file in a preview, which is its address on the page too. */
  readonly path: string;
  /** A namespace, or one of the folders of a preview. */
  readonly folder: string;
  readonly kind: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** All that there is outside of Pulumi, in the order of its files. */
export function readObjects(declared: readonly Declared[]): PageObject[] {
  return declared
    .filter(({ type }) => type !== "pulumi:pulumi:Stack")
    .map((one) => ({ ...renderOne(one), inputs: one.inputs }))
    .filter(isObject)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** An object, and what was read of it. */
export interface Found<Shape> {
  readonly object: PageObject;
  readonly data: Shape;
}

/** The objects of a kind that have this shape. */
export function objectsLike<Shape>(
  objects: readonly PageObject[],
  kind: string,
  shape: z.ZodType<Shape>,
): Found<Shape>[] {
  return objects
    .filter((object) => object.kind === kind)
    .flatMap((object) => {
      const { data } = shape.safeParse(unwrap(object.inputs));
      return data === undefined ? [] : [{ object, data }];
    });
}
