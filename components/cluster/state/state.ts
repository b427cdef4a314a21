import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { StateResource } from "./state-resources.ts";

const answer = z.object({
  outputs: z.record(z.string(), z.object({ type: z.string(), outputs: z.record(z.string(), z.unknown()) })),
});

/** The resources in the stack's state. Empty before the first `up`, and without an engine (offline preview). */
export async function readState(): Promise<readonly StateResource[]> {
  if (pulumi.runtime.getEngine() === undefined) return [];
  const stackName = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  // The engine's own function, because a StackReference only returns the outputs of the stack as a whole.
  const state: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
  return Object.values(answer.parse(state).outputs);
}
