/** The dead letter of an event whose build could not be started. */
import type { DnsLabel } from "../names.ts";
import type { DeadLetterTrigger } from "../kinds/events.ts";
import { triggerParameter } from "../kinds/events.ts";

export const deadLetter = {
  /** The prefix of the ConfigMaps' names, before the name of the missing Workflow. */
  prefix: "dead-letter-",
  /** The label by which they are listed. */
  label: "argo-cicd/dead-letter",
} as const;

/**
 * What is known about the build, in templates of Argo Events. The only texts of authors are names of tags and branches,
 * which have passed the filters.
 */
export interface LostBuild {
  /** The name of the trigger that could not start it, and of its dependency. */
  readonly name: string;
  readonly namespace: DnsLabel;
  readonly workflow: string;
  readonly template: string;
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
}

/** For a day: what prevents the start of a build may also prevent the creation of the ConfigMap. */
const retryForADay = { steps: 1440, duration: "1m", factor: 1, jitter: 0.2 };

/** Creates a ConfigMap with the command to run once the cause is fixed. */
export function deadLetterTrigger(lost: LostBuild): DeadLetterTrigger {
  const parameter = (template: string, dest: string) => triggerParameter(lost.name, template, dest);
  return {
    // Argo Events accepts nothing else: an event counts as handled only when this trigger has ended.
    atLeastOnce: true,
    retryStrategy: retryForADay,
    template: {
      name: `${lost.name}-dead-letter`,
      k8s: {
        operation: "create",
        source: {
          resource: {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "", labels: { [deadLetter.label]: "true" } },
            data: { delivery: "", replay: "" },
          },
        },
        parameters: [
          parameter(`${deadLetter.prefix}${lost.workflow}`, "metadata.name"),
          parameter('{{ index .Input.body "X-GitHub-Delivery" }}', "data.delivery"),
          parameter(replay(lost), "data.replay"),
        ],
      },
    },
  };
}

/** The command that starts the build. */
function replay({ namespace, template, parameters }: LostBuild): string {
  const flags = parameters.map(({ name, value }) => ` --parameter ${name}=${value}`);
  return `argo submit --namespace ${namespace} --from workflowtemplate/${template}${flags.join("")}`;
}
