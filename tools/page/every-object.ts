/** Every object of the stack, by folder and kind, as the preview lists them. */
import { h } from "preact";
import type { Html } from "./elements.ts";
import { counted, objectLink, section } from "./elements.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import { folders, titleOf } from "../offline/listing.ts";

export function everyObject(objects: readonly DeclaredObject[]): Html {
  return section("objects", "Every object", ...folders(objects).map((folder) => place(folder, objects)));
}

function place(folder: string, objects: readonly DeclaredObject[]): Html {
  const here = objects.filter((one) => one.folder === folder);
  const kinds = [...Map.groupBy(here, ({ kind }) => kind)];
  return h(
    "details",
    null,
    h("summary", null, h("h3", null, titleOf(folder)), ` ${counted(here.length, "object")}`),
    h(
      "dl",
      null,
      ...kinds.flatMap(([kind, own]) => [h("dt", null, kind), h("dd", null, ...own.flatMap(link))]),
    ),
  );
}

function link({ path, name }: DeclaredObject): Html[] {
  return [objectLink(path, name), " "];
}
