/** What remains of a push whose build could not be started. */
import type { DnsLabel } from "../names.ts";
import type { DeadLetterTrigger } from "../kinds/events.ts";
import { triggerParameter } from "../kinds/events.ts";

export const deadLetter = {
  /** How the names of the ConfigMaps begin; the name of the Workflow that is missing follows. */
  prefix: "dead-letter-",
  /** By which they are listed. */
  label: "argo-cicd/dead-letter",
} as const;

/** What is known of the build, in the templates of Argo Events. Of authors' texts it has names of tags and branches, as filters let them through. */
export interface LostBuild {
  /** Of the trigger that could not start it, and of its dependency. */
  readonly name: string;
  readonly namespace: DnsLabel;
  readonly workflow: string;
  readonly template: string;
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
}

/** For a day: what keeps a build from being started may keep this from being written too. */
const forADay = { steps: 1440, duration: "1m", factor: 1, jitter: 0.2 };

/** Writes a ConfigMap that says what to run once the cause is gone. */
export function deadLetterTrigger(lost: LostBuild): DeadLetterTrigger {
  const parameter = (template: string, dest: string) => triggerParameter(lost.name, template, dest);
  return {
    // Argo Events takes no other: the push counts as done only when this has ended.
    atLeastOnce: true,
    retryStrategy: forADay,
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
  const given = parameters.map(({ name, value }) => ` --parameter ${name}=${value}`);
  return `argo submit --namespace ${namespace} --from workflowtemplate/${template}${given.join("")}`;
}
