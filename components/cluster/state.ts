import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { StateResource } from "./state-resources.ts";

const answer = z.object({
  outputs: z.record(z.string(), z.object({ type: z.string(), outputs: z.record(z.string(), z.unknown()) })),
});

/** What the stack's state holds; nothing before the first `up`, nor without an engine, as in the offline preview. */
export async function readState(): Promise<readonly StateResource[]> {
  if (pulumi.runtime.getEngine() === undefined) return [];
  const stackName = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  // The engine's own function: a StackReference gives the outputs of a whole stack alone.
  const state: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
  return Object.values(answer.parse(state).outputs);
}
