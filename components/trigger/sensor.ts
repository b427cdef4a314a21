import type { Branch, DnsLabel, GitTagPattern, Owner, RepositoryName } from "../names.ts";
import { escapeRegExp, gitTagExpression } from "../derived-names.ts";
import { confined, unprivileged } from "../kinds/security.ts";
import { deadLetterTrigger } from "./dead-letter.ts";
import { triggerParameter } from "../kinds/events.ts";
import type { DataFilter, SensorDependency, SensorSpec, SensorTrigger } from "../kinds/events.ts";

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

/** Builds that are started alike. */
export interface SensorBuilds {
  /** Names the dependency and the trigger: JetStream's consumer, which forgets events when it is renamed. */
  readonly name: string;
  readonly namespace: DnsLabel;
  readonly repositories: readonly { readonly name: RepositoryName }[];
  /** The WorkflowTemplate; absent where it is named after the repository that was pushed to. */
  readonly template: DnsLabel | undefined;
  /** Folders and files of which a push changes one; empty where every push counts. */
  readonly paths: readonly string[];
  /** The tags of git that are built; absent where it is the branch. */
  readonly gitTags: GitTagPattern | undefined;
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

/** Lets through a push to the branch of one of the repositories, or of a tag, and nothing else that GitHub may send. */
function dependency(builds: SensorBuilds, args: SensorArgs): SensorDependency {
  const { eventSource, event, owner, branch } = args;
  return {
    name: builds.name,
    eventSourceName: eventSource,
    eventName: event,
    filters: {
      data: [
        text("body.X-GitHub-Event", ["^push$"]),
        text("body.X-GitHub-Delivery", ["^[0-9A-Fa-f-]{36}$"]),
        // An older GitHub signs with SHA-1 too, and the EventSource would take that alone.
        text("headers.X-Hub-Signature-256.0", ["^sha256=[0-9a-f]{64}$"]),
        ...(builds.gitTags === undefined ? branchFilters(branch, builds.paths) : tagFilters(builds.gitTags)),
        { path: "body.deleted", type: "bool", value: ["false"] },
        text("body.after", ["^[0-9a-f]{40}$"]),
        { ...text("body.after", ["^0{40}$"]), comparator: "!=" },
        text(
          "body.repository.full_name",
          // GitHub's names are the same in any case, and a stack file may write them in another than GitHub does.
          builds.repositories.map((one) => `(?i)^${escapeRegExp(`${owner}/${one.name}`)}$`),
        ),
      ],
    },
  };
}

function branchFilters(branch: Branch, paths: readonly string[]): DataFilter[] {
  return [
    text("body.ref", [`^refs/heads/${escapeRegExp(branch)}$`]),
    { ...text("body.head_commit.message", ["\\[(skip ci|ci skip)\\]"]), comparator: "!=" },
    ...(paths.length === 0 ? [] : [pathFilter(paths)]),
  ];
}

/** As many commits as GitHub lists of a push, 2,048: there may be more of them. */
const allListed = "(204[89]|20[5-9][0-9]|2[1-9][0-9]{2}|[3-9][0-9]{3}|[0-9]{5,}),";

/** A push that changes one of the paths, or whose payload does not list all that it changes. */
function pathFilter(paths: readonly string[]): DataFilter {
  // One text of JSON: two booleans, the number of commits, then the names of files for each of them.
  const told = "body.[forced,created,commits.#,commits.#.added,commits.#.modified,commits.#.removed]";
  const anything = [
    "^\\[true",
    "^\\[[a-z]+,true",
    `^\\[[a-z]+,[a-z]+,${allListed}`,
    ",\\[\\],\\[\\],\\[\\]\\]$",
  ];
  return text(told, [...anything, ...paths.map((path) => `"${escapeRegExp(path)}(/|")`)]);
}

/** Tags that the stack names and that are an image's tag too; an old tag's message skips nothing. */
function tagFilters(pattern: GitTagPattern): DataFilter[] {
  return [
    text("body.ref", [`^refs/tags/${gitTagExpression(pattern)}$`]),
    text("body.ref", ["^refs/tags/[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"]),
    text("body.head_commit.id", ["^[0-9a-f]{40}$"]),
  ];
}

function text(path: string, value: readonly string[]): DataFilter {
  return { path, type: "string", value };
}

/** The repository's name as `names.objectName` makes it, from the one field that the filter has matched whole. */
const objectName =
  '(splitList "/" .Input.body.repository.full_name | last | lower | replace "." "-" | replace "_" "-" | trimAll "-")';

/**
 * 63 characters at most: 41 of the template, 12 of the commit, 8 of the delivery. The same delivery twice is
 * the same Workflow; a branch set back to an earlier commit is another delivery, and a build of its own.
 */
function workflowName(template: string, commit: string): string {
  const name = `{{ printf "%s-%s-%s" $name (trunc 12 ${commit}) (index .Input.body "X-GitHub-Delivery" | lower | trunc 8) }}`;
  return `{{ $name := ${template} }}${cut}${name}`;
}

/** As `derived-names.ts` cuts a name, of which two may begin the same. */
const cut =
  '{{ if gt (len $name) 41 }}{{ $name = printf "%s-%s" (trunc 32 $name) (sha256sum $name | trunc 8) }}{{ end }}';

/**
 * How long a Sensor tries while the API server takes nothing, before it gives up: at least 67 minutes. Always at the
 * same distance, so that builds start soon after the server is back. JetStream keeps what comes meanwhile.
 */
const overAnHour = { steps: 400, duration: "10s", factor: 1, jitter: 0.2 };

/** `patch` makes the Workflow if it is missing and changes nothing if it exists; `create` would fail and retry. */
function trigger(builds: SensorBuilds): SensorTrigger {
  const { name, namespace } = builds;
  const { workflow, template, given } = filledIn(builds);
  const parameter = (value: string, dest: string) => triggerParameter(name, value, dest);
  return {
    // Without this a message counts as done when its trigger starts, and the retries never happen.
    atLeastOnce: true,
    retryStrategy: overAnHour,
    dlqTrigger: deadLetterTrigger({ name, namespace, workflow, template, parameters: given }),
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
              arguments: { parameters: given.map((one) => ({ name: one.name, value: "" })) },
            },
          },
        },
        parameters: [
          parameter(workflow, "metadata.name"),
          parameter(template, "spec.workflowTemplateRef.name"),
          ...given.map(({ value }, index) =>
            parameter(value, `spec.arguments.parameters.${index.toString()}.value`),
          ),
        ],
      },
    },
  };
}

/** What a Workflow takes from the push: its name, its template and what that is given. */
function filledIn({ template, gitTags }: SensorBuilds) {
  const name = template === undefined ? objectName : `"${template}"`;
  // An annotated tag is pushed as an object of its own, which is no commit.
  const commit = gitTags === undefined ? ".Input.body.after" : ".Input.body.head_commit.id";
  const tag = { name: "tag", value: '{{ trimPrefix "refs/tags/" .Input.body.ref }}' };
  return {
    workflow: workflowName(name, commit),
    template: `{{ ${name} }}`,
    given: [{ name: "commit", value: `{{ ${commit} }}` }, ...(gitTags === undefined ? [] : [tag])],
  };
}
