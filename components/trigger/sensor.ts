import type { Branch, BranchPattern, DnsLabel, GitTagPattern, Owner } from "../names.ts";
import { entries } from "../entries.ts";
import { eventContainer } from "../kinds/event-pods.ts";
import { unprivileged } from "../kinds/security.ts";
import type { RequestKind } from "./requests.ts";
import { requestOf } from "./requests.ts";
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
  /** The GitHub App whose check runs can be re-run, and its event; undefined if there is none. */
  readonly app?: { readonly id: number; readonly event: DnsLabel } | undefined;
  /** The builds that it starts. */
  readonly builds: readonly SensorBuilds[];
}

/** Builds with the same dependency and trigger. */
export interface SensorBuilds {
  /** The name of the dependency and the trigger, and of JetStream's consumer, which loses events if it is renamed. */
  readonly name: string;
  readonly namespace: DnsLabel;
  readonly repositories: readonly Reported[];
  /** The WorkflowTemplate; undefined if it has the name of the repository in the event. */
  readonly template: DnsLabel | undefined;
  /** Folders and files, of which a push must change one; empty if every push counts. */
  readonly paths: readonly string[];
  /** The Git tags that are built; undefined if branches are built. */
  readonly gitTags: GitTagPattern | undefined;
  /** The other branches that are built; undefined if the project's own branch is built. */
  readonly otherBranches?: readonly BranchPattern[];
  /** What requests them; undefined if a push starts them. */
  readonly requestedBy?: RequestKind;
}

/** Starts builds: of a pushed commit, a pull request or a request for a new run, once for each delivery. */
export function sensor(args: SensorArgs): SensorSpec {
  const builds = args.builds.filter(({ repositories }) => repositories.length > 0);
  return {
    replicas: args.replicas,
    template: {
      serviceAccountName: args.serviceAccount,
      securityContext: unprivileged,
      container: eventContainer,
    },
    dependencies: builds.map((one) => dependency(one, args)),
    triggers: builds.map((one) => trigger(one, args.branch)),
  };
}

/** Accepts only deliveries that start a build of one of the repositories. */
function dependency(builds: SensorBuilds, args: SensorArgs): SensorDependency {
  const { requestedBy } = builds;
  const data =
    requestedBy === undefined ? pushFilters(builds, args) : requestFilters(builds, requestedBy, args);
  return {
    name: builds.name,
    eventSourceName: args.eventSource,
    eventName: eventOf(builds, args),
    filters: { data: [...data, repositoryFilter(args.owner, builds.repositories)] },
  };
}

/** Re-runs arrive at the App's webhook, and everything else at the project's. */
function eventOf({ requestedBy }: SensorBuilds, { event, app }: SensorArgs): DnsLabel {
  return requestedBy !== undefined && requestedBy in reruns && app !== undefined ? app.event : event;
}

function pushFilters(builds: SensorBuilds, { branch }: SensorArgs): DataFilter[] {
  return [...deliveryFilters("push"), ...refFilters(builds, branch), ...pushedFilters];
}

/** A push to the branch or to another branch, or of a tag. */
function refFilters({ gitTags, otherBranches, paths }: SensorBuilds, branch: Branch): DataFilter[] {
  if (gitTags !== undefined) return tagFilters(gitTags);
  return otherBranches === undefined
    ? branchFilters(branch, paths)
    : otherBranchFilters(otherBranches, branch, paths);
}

function requestFilters({ repositories }: SensorBuilds, by: RequestKind, args: SensorArgs): DataFilter[] {
  const { event, filters } = requestOf(by);
  return [...deliveryFilters(event), ...filters({ ...args, app: args.app?.id, repositories })];
}

/** The repository's name as `names.objectName` converts it, from the field that a filter has matched completely. */
const objectName =
  '(splitList "/" .Input.body.repository.full_name | last | lower | replace "." "-" | replace "_" "-" | trimAll "-")';

/**
 * At most 63 characters: 41 of the template, 12 of the commit or the pull request's number, 8 of the delivery. A
 * repeated delivery gets the same Workflow. A branch reset to an earlier commit is another delivery with its own build.
 */
function workflowName(template: string, namePart: string): string {
  const name = `{{ printf "%s-%s-%s" $name (${namePart}) (index .Input.body "X-GitHub-Delivery" | lower | trunc 8) }}`;
  return `{{ $name := ${template} }}${shortened}${name}`;
}

/** Shortens a name like `derived-names.ts`, with a hash, since two names may begin the same. */
const shortened =
  '{{ if gt (len $name) 41 }}{{ $name = printf "%s-%s" (trunc 32 $name) (sha256sum $name | trunc 8) }}{{ end }}';

/**
 * A Sensor retries for at least 66 minutes while the API server accepts nothing, before it gives up. The interval is
 * constant, so that builds start soon after the server is back. JetStream keeps new events until then.
 */
const retryForAnHour = { steps: 400, duration: "10s", factor: 1, jitter: 0.2 };

/** `patch` creates a missing Workflow and does not change an existing one. `create` would fail and be retried. */
function trigger(builds: SensorBuilds, branch: Branch): SensorTrigger {
  const { name, namespace } = builds;
  const { workflow, template, parameters } = filledIn(builds, branch);
  const parameter = (value: string, dest: string) => triggerParameter(name, value, dest);
  return {
    // Without this, a message counts as handled when its trigger starts, and retries never happen.
    atLeastOnce: true,
    retryStrategy: retryForAnHour,
    dlqTrigger: deadLetterTrigger({ name, namespace, workflow, template, parameters }),
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
              arguments: { parameters: parameters.map((one) => ({ name: one.name, value: "" })) },
            },
          },
        },
        parameters: [
          parameter(workflow, "metadata.name"),
          parameter(template, "spec.workflowTemplateRef.name"),
          ...parameters.map(({ value }, index) =>
            parameter(value, `spec.arguments.parameters.${index.toString()}.value`),
          ),
        ],
      },
    },
  };
}

/** What a Workflow takes from the delivery: its name, its template and the values of its parameters. */
function filledIn(builds: SensorBuilds, branch: Branch) {
  const { template, requestedBy: by } = builds;
  const name = template === undefined ? objectName : `"${template}"`;
  const { namePart, parameters } = by === undefined ? ofPush(builds) : ofRequest(by, branch);
  return {
    workflow: workflowName(name, namePart),
    template: `{{ ${name} }}`,
    parameters: entries(parameters).map(([key, value]) => ({ name: key, value })),
  };
}

interface FilledIn {
  readonly namePart: string;
  readonly parameters: Readonly<Record<string, string>>;
}

function ofPush({ gitTags, otherBranches }: SensorBuilds): FilledIn {
  // For an annotated tag, `after` is the tag object, not a commit.
  const commit = gitTags === undefined ? ".Input.body.after" : ".Input.body.head_commit.id";
  const tag = '{{ trimPrefix "refs/tags/" .Input.body.ref }}';
  return {
    namePart: `trunc 12 ${commit}`,
    parameters: {
      commit: `{{ ${commit} }}`,
      ...(gitTags === undefined ? {} : { tag }),
      ...(otherBranches === undefined ? {} : { ref: "{{ .Input.body.ref }}" }),
    },
  };
}

function ofRequest(by: RequestKind, branch: Branch): FilledIn {
  const { namePart, parameters } = requestOf(by);
  return { namePart, parameters: parameters(branch) };
}
