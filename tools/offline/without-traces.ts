/**
 * Keeps Pulumi from noting where each of its promises and resources was made, which is for the engine and for its leak
 * detector, and takes much of the time of an evaluation. To see where an error of the program is, ask for stacks:
 * `NODE_OPTIONS=--stack-trace-limit=50`.
 */
import * as pulumi from "@pulumi/pulumi";
import debuggable from "@pulumi/pulumi/runtime/debuggable.js";
import { withMember } from "./with-member.ts";

/** What Node sets where nobody asks for more. */
const usualLimit = 10;

export async function withoutTraces<Result>(run: () => Promise<Result>): Promise<Result> {
  if (Error.stackTraceLimit !== usualLimit) return run();
  return withMember(Error, "stackTraceLimit", 0, () =>
    withMember(
      pulumi.Resource,
      "stackTrace",
      () => [],
      () => withMember(debuggable, "debuggablePromise", <T>(promise: Promise<T>) => promise, run),
    ),
  );
}
