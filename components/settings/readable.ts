/** A configuration as far as it could be read: what the rules between its parts look at. */
import type { Project } from "./project-schema.ts";
import type { TopLevel } from "./schema.ts";
import type { Secrets } from "./secret-schema.ts";

/** The configuration as the stack file gives it, without the `argo-cicd:` prefix. */
export type RawConfig = Readonly<Record<string, unknown>>;

/** What could be read. A part with errors is absent, so that the rules between parts run on the others. */
export interface Readable {
  readonly stack: Partial<TopLevel>;
  readonly projects: Readonly<Record<string, Project>>;
  readonly secrets: Secrets | undefined;
  readonly raw: RawConfig;
}
