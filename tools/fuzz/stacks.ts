/** Generates stack files, most of them close to a valid one. */
import fc from "fast-check";
import { everything } from "../offline/expected.ts";
import { smallConfig, smallProject } from "../../test/support/declare.ts";
import { keysOf, ownSchema } from "../../test/support/stack-file.ts";
import type { Edit, Keys } from "./edits.ts";
import { copyingEdit, fittingEdit, oddEdit, oddKeyEdit, placesOf, removingEdit } from "./edits.ts";

const schema = ownSchema();
const places = placesOf(schema);

/** Two projects, so that their entries can be confused. */
function pair(): Keys {
  const other = {
    ...smallProject(),
    webhook: { url: "https://ci.example/tools" },
    repositories: [{ name: "cli" }],
  };
  const applications = [{ name: "tools", repository: "tools-cluster", path: "k8s", namespace: "tools" }];
  return { ...small(), projects: { shop: smallProject(), tools: { ...other, applications } } };
}

/** One project with many options, which takes a fraction of the time of all projects. */
function shop(): Keys {
  const { projects, secrets, ...rest } = keysOf(everything);
  const one = Reflect.get(Object(projects), "shop") as unknown;
  return { ...rest, projects: { shop: one }, secrets };
}

function small(): Keys {
  const keys = smallConfig();
  Reflect.deleteProperty(keys, "secrets");
  return keys;
}

const base = fc.constantFrom(small, small, pair, pair, shop);

const good = fc.oneof(
  { weight: 6, arbitrary: fittingEdit(places) },
  { weight: 1, arbitrary: copyingEdit(places) },
  { weight: 1, arbitrary: removingEdit(places) },
);
const bad = fc.oneof(
  { weight: 3, arbitrary: oddEdit(places) },
  { weight: 1, arbitrary: oddKeyEdit(places) },
  { weight: 1, arbitrary: copyingEdit(places) },
);

/** The program's keys of a stack file. */
export const stackKeys: fc.Arbitrary<Keys> = fc
  .tuple(base, fc.array(good, { maxLength: 2 }), seldom(fc.array(bad, { minLength: 1, maxLength: 3 })))
  .map(([make, fitting, odd]) => edited(make(), [...fitting, ...odd]));

function seldom(edits: fc.Arbitrary<Edit[]>): fc.Arbitrary<Edit[]> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant<Edit[]>([]) }, { weight: 2, arbitrary: edits });
}

function edited(keys: Keys, edits: readonly Edit[]): Keys {
  const own = structuredClone(keys);
  for (const edit of edits) edit(own);
  return own;
}
