/** The steps of a build, in the order in which they begin: the template, the end and the report go by this list. */
import { attest } from "./attest.ts";
import { begin } from "./begin.ts";
import { build } from "./build.ts";
import { live } from "./live.ts";
import { publish } from "./publish.ts";
import { report } from "./report.ts";
import { scan } from "./scan.ts";
import type { Step } from "./step.ts";

export const steps = [begin, build, scan, attest, publish, live, report] as const satisfies readonly Step[];
export type StepName = (typeof steps)[number]["name"];

export const stepNames: readonly StepName[] = steps.map(({ name }) => name);

/** The names of those that an image needs. */
export const imageSteps: readonly StepName[] = steps
  .filter(({ makesImage }) => makesImage)
  .map(({ name }) => name);
