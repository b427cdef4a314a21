/** Policies for Workflows: they end, and are cleaned up. */
import { at, listAt } from "../../components/builds/programs/json.ts";
import { fields, text } from "../declared/fields.ts";
import type { Pod } from "../declared/pods.ts";
import type { Policy } from "./policy.ts";
import { ofObjects, ofPods, when } from "./policy.ts";

const kinds = ["Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"];

function hasDeadline({ object, spec }: Pod): boolean {
  return !kinds.includes(object.kind) || Number(text(spec, "activeDeadlineSeconds")) > 0;
}

export const workflowPolicies: readonly Policy[] = [
  {
    name: "deadline",
    why: "A program that hangs would occupy a slot of the builds that run at once.",
    fix: "Set activeDeadlineSeconds in the template.",
    find: ofPods((pod) => when(!hasDeadline(pod), "no deadline")),
  },
  {
    name: "clean-up",
    why: "Old Workflows fill up etcd, and their pods fill up the nodes.",
    fix: "Set ttlStrategy.secondsAfterCompletion and podGC.strategy.",
    find: ofObjects(kinds, ({ content }) => [
      ...when(
        Object.keys(fields(content, "spec", "ttlStrategy")).length === 0,
        "Workflows are never deleted",
      ),
      ...when(text(content, "spec", "podGC", "strategy") === "", "pods are never deleted"),
    ]),
  },
  {
    name: "no-overlap",
    why: "A run that takes longer than its interval would overlap with the next one.",
    fix: "Set concurrencyPolicy to Forbid or Replace.",
    find: ofObjects(["CronWorkflow", "CronJob"], ({ content }) =>
      when(!/^(Forbid|Replace)$/.test(text(content, "spec", "concurrencyPolicy")), "runs may overlap"),
    ),
  },
  {
    name: "limited-retries",
    why: "A permanent failure would be retried forever.",
    fix: "Set retryStrategy.limit.",
    find: ofObjects(kinds, ({ content }) =>
      listAt(content, "spec", "templates").flatMap((one) =>
        when(
          at(one, "retryStrategy") !== undefined && text(one, "retryStrategy", "limit") === "",
          `template ${text(one, "name")}: retries without a limit`,
        ),
      ),
    ),
  },
];
