/**
 * Keeps Pulumi from recording a stack trace for each of its promises and resources. They are for the engine and the
 * leak detector, and take much of the time of an evaluation. To find an error of the program, enable stack traces:
 * `NODE_OPTIONS=--stack-trace-limit=50`.
 */
import * as pulumi from "@pulumi/pulumi";
import debuggable from "@pulumi/pulumi/runtime/debuggable.js";
import { withMember } from "./with-member.ts";

/** Node's default. */
const defaultLimit = 10;

export async function withoutTraces<Result>(run: () => Promise<Result>): Promise<Result> {
  if (Error.stackTraceLimit !== defaultLimit) return run();
  return withMember(Error, "stackTraceLimit", 0, () =>
    withMember(
      pulumi.Resource,
      "stackTrace",
      () => [],
      () => withMember(debuggable, "debuggablePromise", <T>(promise: Promise<T>) => promise, run),
    ),
  );
}
