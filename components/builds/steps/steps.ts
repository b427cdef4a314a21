/** The steps of a build, in the order in which they begin: the template, the end and the report go by this list. */
import { partTasks } from "./architectures.ts";
import { attest } from "./attest.ts";
import { begin } from "./begin.ts";
import { build } from "./build.ts";
import { index } from "./image-index.ts";
import { live } from "./live.ts";
import { publish } from "./publish.ts";
import { report } from "./report.ts";
import { scan } from "./scan.ts";
import type { Step } from "./step.ts";

export const steps = [
  begin,
  build,
  index,
  scan,
  attest,
  publish,
  live,
  report,
] as const satisfies readonly Step[];
type TemplateName = (typeof steps)[number]["name"];

/** As people see it: that of its template, and for a build of several architectures that of each. */
export type StepName = TemplateName | (typeof partTasks)[number];

export const stepNames: readonly StepName[] = steps.flatMap(({ name }) =>
  name === "build" ? [name, ...partTasks] : [name],
);

/** The names of the templates of those that an image needs. */
export const imageSteps: readonly TemplateName[] = steps
  .filter(({ makesImage }) => makesImage)
  .map(({ name }) => name);
