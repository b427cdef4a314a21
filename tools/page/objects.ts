/** Finds the objects of a stack by kind and content. */
import type { z } from "zod";
import type { DeclaredObject } from "../declared/objects.ts";
import { objectsOf, ofKind } from "../declared/objects.ts";
import type { Declared } from "../offline/evaluate.ts";

/** All objects that exist outside of Pulumi, in the order of their files. */
export function readObjects(declared: readonly Declared[]): DeclaredObject[] {
  return objectsOf(declared).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** An object, and the part of its content that was read. */
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
