/** The Helm charts of the stack and their versions. */
import { z } from "zod";
import type { Html } from "./elements.ts";
import { code, objectLink, section, table } from "./elements.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import { objectsLike } from "./objects.ts";

const release = z.object({
  chart: z.string(),
  version: z.string(),
  namespace: z.string(),
  repositoryOpts: z.object({ repo: z.string() }).optional(),
});

export function charts(objects: readonly DeclaredObject[]): Html {
  return section(
    "charts",
    "Charts",
    table(
      "Helm charts and their versions",
      [
        { title: "Release", cell: ({ object }) => objectLink(object.path, object.name) },
        { title: "Version", cell: ({ data }) => code(data.version) },
        { title: "Namespace", cell: ({ data }) => code(data.namespace) },
        {
          title: "Chart",
          cell: ({ data: { chart, repositoryOpts } }) =>
            code(
              repositoryOpts === undefined ? chart : `${repositoryOpts.repo.replace(/\/?$/, "/")}${chart}`,
            ),
        },
      ],
      objectsLike(objects, "Release", release),
    ),
  );
}
