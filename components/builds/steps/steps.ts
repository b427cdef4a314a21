/** The steps of a build, in the order in which they start. The template, the exit handler and reports use this list. */
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

/** A step's name as people see it: the template's, or one for each architecture if a build has several. */
export type StepName = TemplateName | (typeof partTasks)[number];

export const stepNames: readonly StepName[] = steps.flatMap(({ name }) =>
  name === "build" ? [name, ...partTasks] : [name],
);

/** The names of the templates that an image needs. */
export const imageSteps: readonly TemplateName[] = steps
  .filter(({ makesImage }) => makesImage)
  .map(({ name }) => name);
