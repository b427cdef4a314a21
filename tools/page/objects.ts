/** The objects of a stack as the page looks things up in them: by kind, and by what they hold. */
import type { z } from "zod";
import type { DeclaredObject } from "../declared/objects.ts";
import { objectsOf, ofKind } from "../declared/objects.ts";
import type { Declared } from "../offline/evaluate.ts";

/** All that there is outside of Pulumi, in the order of its files. */
export function readObjects(declared: readonly Declared[]): DeclaredObject[] {
  return objectsOf(declared).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** An object, and what was read of it. */
export interface Found<Shape> {
  readonly object: DeclaredObject;
  readonly data: Shape;
}

/** The objects of a kind that have this shape. */
export function objectsLike<Shape>(
  objects: readonly DeclaredObject[],
  kind: string,
  shape: z.ZodType<Shape>,
): Found<Shape>[] {
  return ofKind(objects, kind).flatMap((object) => {
    const { data } = shape.safeParse(object.content);
    return data === undefined ? [] : [{ object, data }];
  });
}
