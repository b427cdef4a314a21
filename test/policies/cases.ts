/** For each policy, objects that keep it and objects that break it. */
import { accounts } from "./accounts.cases.ts";
import { containers } from "./containers.cases.ts";
import { dashboards } from "./dashboards.cases.ts";
import type { Cases } from "./objects.ts";
import { places } from "./places.cases.ts";
import { pods } from "./pods.cases.ts";

export const cases: Readonly<Record<string, Cases>> = {
  ...pods,
  ...containers,
  ...accounts,
  ...places,
  ...dashboards,
};
