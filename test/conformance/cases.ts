/** All cases, in the order of the table in the documentation. */
import { additions } from "./additions.ts";
import { commands, mounts } from "./commands.ts";
import { configuration, stages, variables } from "./configuration.ts";
import { copies, folders } from "./files.ts";
import type { Case } from "./case.ts";

export const groups: Readonly<Record<string, readonly Case[]>> = {
  "Stages and directives": stages,
  "Arguments and variables": variables,
  RUN: commands,
  "Mounts and flags of RUN": mounts,
  COPY: copies,
  ADD: additions,
  "WORKDIR and .dockerignore": folders,
  Configuration: configuration,
};

export const cases = Object.values(groups).flat();
