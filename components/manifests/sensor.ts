import type { Branch, DnsLabel, Owner, RepositoryName } from "../names.ts";
import { escapeRegExp } from "../names.ts";
import { confined, unprivileged } from "./security.ts";
import type { DataFilter, SensorDependency, SensorSpec, SensorTrigger } from "./types/events.ts";

export interface SensorArgs {
  readonly serviceAccount: DnsLabel;
  readonly replicas: number;
  readonly eventSource: DnsLabel;
  /** The project's event of that EventSource. */
  readonly event: DnsLabel;
  readonly owner: Owner;
  readonly branch: Branch;
  /** The repositories by the namespace in which they are built. */
  readonly builds: readonly SensorBuilds[];
}

export interface SensorBuilds {
  /** Names the dependency and the trigger: JetStream's consumer, which forgets events when it is renamed. */
  readonly name: string;
  readonly namespace: DnsLabel;
  readonly repositories: readonly { readonly name: RepositoryName }[];
}

/** Starts the build of a pushed commit, once for each delivery. */
export function sensor(args: SensorArgs): SensorSpec {
  const builds = args.builds.filter(({ repositories }) => repositories.length > 0);
  return {
    replicas: args.replicas,
    template: {
      serviceAccountName: args.serviceAccount,
      securityContext: unprivileged,
      container: {
        resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
        securityContext: confined,
      },
    },
    dependencies: builds.map((one) => dependency(one, args)),
    triggers: builds.map(trigger),
  };
}

/** Lets through a push to the branch of one of the repositories, and nothing else that GitHub may send. */
function dependency({ name, repositories }: SensorBuilds, args: SensorArgs): SensorDependency {
  const { eventSource, event, owner, branch } = args;
  return {
    name,
    eventSourceName: eventSource,
    eventName: event,
    filters: {
      data: [
        text("body.X-GitHub-Event", ["^push$"]),
        text("body.X-GitHub-Delivery", ["^[0-9A-Fa-f-]{36}$"]),
        // An older GitHub signs with SHA-1 too, and the EventSource would take that alone.
        text("headers.X-Hub-Signature-256.0", ["^sha256=[0-9a-f]{64}$"]),
        text("body.ref", [`^refs/heads/${escapeRegExp(branch)}$`]),
        { path: "body.deleted", type: "bool", value: ["false"] },
        text("body.after", ["^[0-9a-f]{40}$"]),
        { ...text("body.after", ["^0{40}$"]), comparator: "!=" },
        text(
          "body.repository.full_name",
          // GitHub's names are the same in any case, and a stack file may write them in another than GitHub does.
          repositories.map((one) => `(?i)^${escapeRegExp(`${owner}/${one.name}`)}$`),
        ),
      ],
    },
  };
}

function text(path: string, value: readonly string[]): DataFilter {
  return { path, type: "string", value };
}

/** The repository's name as `names.objectName` makes it, from the one field that the filter has matched whole. */
const objectName =
  '(splitList "/" .Input.body.repository.full_name | last | lower | replace "." "-" | replace "_" "-" | trimAll "-")';

/**
 * 63 characters at most: 41 of the repository, 12 of the commit, 8 of the delivery. The same delivery twice is
 * the same Workflow; a branch set back to an earlier commit is another delivery, and a build of its own.
 */
const workflowName = `{{ printf "%s-%s-%s" (trunc 41 ${objectName}) (trunc 12 .Input.body.after) (index .Input.body "X-GitHub-Delivery" | lower | trunc 8) }}`;

/** `patch` makes the Workflow if it is not there and changes nothing if it is; `create` would fail and retry. */
function trigger({ name, namespace }: SensorBuilds): SensorTrigger {
  const parameter = (dataTemplate: string, dest: string) => ({
    src: { dependencyName: name, dataTemplate },
    dest,
  });
  return {
    // Without this a message counts as done when its trigger starts, and the retries never happen.
    atLeastOnce: true,
    retryStrategy: { steps: 5, duration: "2s", factor: 2, jitter: 0.2 },
    template: {
      name,
      conditions: name,
      k8s: {
        operation: "patch",
        source: {
          resource: {
            apiVersion: "argoproj.io/v1alpha1",
            kind: "Workflow",
            metadata: { name: "", namespace },
            spec: {
              workflowTemplateRef: { name: "" },
              arguments: { parameters: [{ name: "commit", value: "" }] },
            },
          },
        },
        parameters: [
          parameter(workflowName, "metadata.name"),
          parameter(`{{ ${objectName} }}`, "spec.workflowTemplateRef.name"),
          parameter("{{ .Input.body.after }}", "spec.arguments.parameters.0.value"),
        ],
      },
    },
  };
}
