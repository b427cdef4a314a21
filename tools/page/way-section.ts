/** The section that shows the path of a push through the objects, for one repository at a time. */
import { h } from "preact";
import type { Html } from "./elements.ts";
import { addressOf, section } from "./elements.ts";
import { isOwn, labelOf, shortened } from "./graph.ts";
import type { Picture } from "./picture.ts";
import type { Stop, Way } from "./ways.ts";

/** Unique in the stack. */
function keyOf({ project, repository }: Way): string {
  return `${project.name}/${repository.service}`;
}

export function wayAddress(way: Way): string {
  return `#way/${keyOf(way)}`;
}

export function waySection(pictures: readonly Picture[]): Html {
  if (pictures.length === 0) return undefined;
  return section(
    "way",
    "The path of a push",
    chooser(pictures.flatMap(({ ways }) => ways)),
    h("div", { id: "pictures" }, ...pictures.map(figure)),
    h("p", { class: "hint" }, "Choose an object to see its declaration."),
  );
}

function chooser(ways: readonly Way[]): Html {
  const projects = [...Map.groupBy(ways, ({ project }) => project.name)];
  const option = (way: Way) => h("option", { value: keyOf(way) }, way.repository.service);
  return h(
    "p",
    { class: "chooser" },
    h("label", { for: "repository" }, "Repository"),
    " ",
    h(
      "select",
      { id: "repository" },
      ...projects.map(([label, own]) => h("optgroup", { label }, ...own.map(option))),
    ),
  );
}

/** Contains both drawings. The style sheet shows the one that fits the screen. */
function figure({ wide, tall }: Picture, index: number): Html {
  const drawing = (name: string, svg: string) =>
    h("div", { class: name, dangerouslySetInnerHTML: { __html: svg } });
  return h(
    "figure",
    { hidden: index > 0, "aria-label": "The objects that a push passes" },
    drawing("wide", wide),
    drawing("tall", tall),
  );
}

/** What the script writes into a picture when a repository is chosen, by the way's key. */
export function choices(pictures: readonly Picture[]): string {
  const all = pictures.flatMap(({ ways }, picture) =>
    ways.map((way) => [
      keyOf(way),
      { picture, stops: way.places.flatMap(({ stops }) => stops).flatMap(own) },
    ]),
  );
  return JSON.stringify(Object.fromEntries(all));
}

function own(stop: Stop) {
  const { id, name, path } = stop;
  if (!isOwn(stop)) return [];
  return [
    {
      id,
      name: shortened(name),
      label: labelOf(stop),
      ...(path === undefined ? {} : { address: addressOf(path) }),
    },
  ];
}
