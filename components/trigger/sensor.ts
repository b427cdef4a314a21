import type { Branch, BranchPattern, DnsLabel, GitTagPattern, Owner } from "../names.ts";
import { entries } from "../entries.ts";
import { confined, unprivileged } from "../kinds/security.ts";
import type { AskedBuild } from "./asked.ts";
import { askedBy } from "./asked.ts";
import { deadLetterTrigger } from "./dead-letter.ts";
import type { Reported } from "./request.ts";
import { reruns } from "./reruns.ts";
import {
  branchFilters,
  deliveryFilters,
  otherBranchFilters,
  pushedFilters,
  repositoryFilter,
  tagFilters,
} from "./filters.ts";
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
  /** The GitHub App whose check runs can be run again, and its event; absent where there are none. */
  readonly app?: { readonly id: number; readonly event: DnsLabel } | undefined;
  /** The repositories by the namespace in which they are built. */
  readonly builds: readonly SensorBuilds[];
}

/** Builds that are started alike. */
export interface SensorBuilds {
  /** Names the dependency and the trigger: JetStream's consumer, which forgets events when it is renamed. */
  readonly name: string;
  readonly namespace: DnsLabel;
  readonly repositories: readonly Reported[];
  /** The WorkflowTemplate; absent where it is named after the repository that was pushed to. */
  readonly template: DnsLabel | undefined;
  /** Folders and files of which a push changes one; empty where every push counts. */
  readonly paths: readonly string[];
  /** The tags of git that are built; absent where it is the branch. */
  readonly gitTags: GitTagPattern | undefined;
  /** The other branches that are built; absent where it is the project's own. */
  readonly otherBranches?: readonly BranchPattern[];
  /** What asks for them; absent where a push does. */
  readonly asked?: AskedBuild;
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
    triggers: builds.map((one) => trigger(one, args.branch)),
  };
}

/** Lets through what starts a build of one of the repositories, and nothing else that GitHub may send. */
function dependency(builds: SensorBuilds, args: SensorArgs): SensorDependency {
  const data =
    builds.asked === undefined ? pushFilters(builds, args) : askedFilters(builds, builds.asked, args);
  return {
    name: builds.name,
    eventSourceName: args.eventSource,
    eventName: eventOf(builds, args),
    filters: { data: [...data, repositoryFilter(args.owner, builds.repositories)] },
  };
}

/** Re-runs arrive at the App's webhook, and everything else at the project's. */
function eventOf({ asked }: SensorBuilds, { event, app }: SensorArgs): DnsLabel {
  return asked !== undefined && asked in reruns && app !== undefined ? app.event : event;
}

function pushFilters(builds: SensorBuilds, { branch }: SensorArgs): DataFilter[] {
  return [...deliveryFilters("push"), ...refFilters(builds, branch), ...pushedFilters];
}

/** A push to the branch or to another one, or of a tag. */
function refFilters({ gitTags, otherBranches, paths }: SensorBuilds, branch: Branch): DataFilter[] {
  if (gitTags !== undefined) return tagFilters(gitTags);
  return otherBranches === undefined
    ? branchFilters(branch, paths)
    : otherBranchFilters(otherBranches, branch, paths);
}

function askedFilters({ repositories }: SensorBuilds, by: AskedBuild, args: SensorArgs): DataFilter[] {
  const { event, filters } = askedBy(by);
  return [...deliveryFilters(event), ...filters({ ...args, app: args.app?.id, repositories })];
}

/** The repository's name as `names.objectName` makes it, from the one field that the filter has matched whole. */
const objectName =
  '(splitList "/" .Input.body.repository.full_name | last | lower | replace "." "-" | replace "_" "-" | trimAll "-")';

/**
 * 63 characters at most: 41 of the template, 12 of the commit or of the pull request's number, 8 of the delivery. The same delivery twice is
 * the same Workflow; a branch set back to an earlier commit is another delivery, and a build of its own.
 */
function workflowName(template: string, named: string): string {
  const name = `{{ printf "%s-%s-%s" $name (${named}) (index .Input.body "X-GitHub-Delivery" | lower | trunc 8) }}`;
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
function trigger(builds: SensorBuilds, branch: Branch): SensorTrigger {
  const { name, namespace } = builds;
  const { workflow, template, given } = filledIn(builds, branch);
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

/** What a Workflow takes from the delivery: its name, its template and what that is given. */
function filledIn(builds: SensorBuilds, branch: Branch) {
  const name = builds.template === undefined ? objectName : `"${builds.template}"`;
  const { named, given } = builds.asked === undefined ? ofPush(builds) : ofAsked(builds.asked, branch);
  return {
    workflow: workflowName(name, named),
    template: `{{ ${name} }}`,
    given: entries(given).map(([key, value]) => ({ name: key, value })),
  };
}

interface FilledIn {
  /** What distinguishes its Workflow from others of the template. */
  readonly named: string;
  readonly given: Readonly<Record<string, string>>;
}

function ofPush({ gitTags, otherBranches }: SensorBuilds): FilledIn {
  // An annotated tag is pushed as an object of its own, which is no commit.
  const commit = gitTags === undefined ? ".Input.body.after" : ".Input.body.head_commit.id";
  const tag = '{{ trimPrefix "refs/tags/" .Input.body.ref }}';
  return {
    named: `trunc 12 ${commit}`,
    given: {
      commit: `{{ ${commit} }}`,
      ...(gitTags === undefined ? {} : { tag }),
      ...(otherBranches === undefined ? {} : { ref: "{{ .Input.body.ref }}" }),
    },
  };
}

function ofAsked(by: AskedBuild, branch: Branch): FilledIn {
  const { named, given } = askedBy(by);
  return { named, given: given(branch) };
}
