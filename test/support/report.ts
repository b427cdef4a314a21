/** A cluster's builds and applications, and reports of them without a cluster. */
import { join } from "node:path";
import { messageIn } from "../../components/builds/programs/http.ts";
import { settingsOf } from "../../components/settings/settings.ts";
import type { Settings } from "../../components/settings/settings.ts";
import { shown } from "../../components/watch/objects.ts";
import { readStackFile } from "../../tools/offline/stack-file.ts";
import type { Application } from "../../tools/report/applications.ts";
import type { Workflow } from "../../tools/report/builds.ts";
import type { GitHub } from "../../tools/report/github.ts";
import { parseOutside } from "../../tools/report/outside.ts";
import { reportStack } from "../../tools/report/stack.ts";
import type { Sources, StackReport } from "../../tools/report/stack.ts";
import { project, root } from "./declare.ts";

export const digest = `sha256:${"1a2b3c4d".repeat(8)}`;
export const commit = "0123abcd".repeat(5);

/** A time on the day that the tests use. */
export const at = (second: number) =>
  new Date(Date.UTC(2026, 2, 1, 10, 0, second)).toISOString().replace(".000", "");

interface StepOf {
  readonly from: number;
  readonly to?: number;
  readonly phase?: string;
  readonly message?: string;
  readonly outputs?: Readonly<Record<string, string>>;
}

/** Argo reports why it does not retry, not what has failed. */
function retryMessage(message: string | undefined): string | undefined {
  return message === undefined ? undefined : "retryStrategy.expression evaluated to false";
}

/** A Workflow in the cluster, with a node for each step, and one for its only attempt. */
export function workflow(
  name: string,
  begun: number,
  steps: Readonly<Record<string, StepOf>>,
  {
    phase = "Succeeded",
    end,
    labels = {},
    spec,
  }: { phase?: string; end?: number; labels?: object; spec?: object } = {},
) {
  const nodes = Object.entries(steps).flatMap(
    ([step, { from, to, phase: of = "Succeeded", message, outputs }]) => {
      const node = {
        templateName: step,
        phase: of,
        message,
        startedAt: at(from),
        finishedAt: to === undefined ? null : at(to),
        outputs: { parameters: Object.entries(outputs ?? {}).map(([key, value]) => ({ name: key, value })) },
      };
      return [
        [`${name}-${step}`, { ...node, displayName: step, message: retryMessage(message) }],
        [`${name}-${step}-0`, { ...node, displayName: `${step}(0)` }],
      ];
    },
  );
  return {
    spec,
    metadata: {
      name,
      creationTimestamp: at(begun),
      labels: {
        "argo-cicd/service": "alog-service-user",
        "argo-cicd/branch": "develop",
        "argo-cicd/git-tag": "",
        "argo-cicd/commit": commit,
        ...labels,
      },
    },
    status: {
      phase,
      finishedAt: end === undefined ? null : at(end),
      nodes: Object.fromEntries(nodes) as Record<string, object>,
    },
  };
}

export const workflows = [
  workflow(
    "one",
    0,
    {
      begin: { from: 1, to: 4 },
      build: { from: 1, to: 8 },
      publish: { from: 8, to: 13, outputs: { digest } },
      live: { from: 13, to: 16, outputs: { seconds: "15" } },
    },
    { end: 17 },
  ),
  workflow(
    "two",
    20,
    {
      begin: { from: 21, to: 22, phase: "Failed", message: "main: Error (exit code 1): may not list" },
      build: {
        from: 21,
        to: 24,
        phase: "Failed",
        message: "main: Error (exit code 1): a\n\u001b[31mthe tests fail\u001b[0m",
      },
      publish: { from: 24, to: 24, phase: "Omitted" },
    },
    { phase: "Failed", end: 25, labels: { "argo-cicd/service": "alog-front-web" } },
  ),
  workflow(
    "three",
    30,
    { build: { from: 31, to: 40, phase: "Failed", message: "workflow shutdown with strategy:  Stop" } },
    { phase: "Failed", end: 41, labels: { "argo-cicd/superseded-by": "f".repeat(40) } },
  ),
  workflow(
    "four",
    50,
    { begin: { from: 51, to: 53 }, build: { from: 51, phase: "Running" } },
    { phase: "Running", labels: { "argo-cicd/started-by": "catch-up" } },
  ),
  workflow(
    "five",
    60,
    {},
    { phase: "Pending", labels: { "argo-cicd/git-tag": "v1.0.0", "argo-cicd/commit": "" } },
  ),
  { metadata: { name: "another", creationTimestamp: at(70) } },
];

export const applications = [
  {
    metadata: { name: "alog" },
    status: {
      sync: { status: "Synced" },
      health: { status: "Healthy" },
      summary: { images: ["redis:7", `chromato99/alog-service-user:develop@${digest}`] },
    },
  },
  {
    metadata: { name: "aform" },
    status: {
      sync: { status: "Unknown" },
      conditions: [
        { type: "ComparisonError", message: "k8s: app path does not exist" },
        { type: "OrphanedResourceWarning", message: "no error" },
      ],
    },
  },
];

/** A minute after the first push of that day. */
export const now = new Date(at(120));

export function settingsOfStack(stack: string): Settings {
  return settingsOf(readStackFile(join(root, `Pulumi.${stack}.yaml`), project).settings(), stack);
}

/** The contents of a cluster. */
export interface There {
  readonly workflows?: readonly object[];
  readonly applications?: readonly object[];
}

/** The report of a committed stack whose cluster has these. */
export function reported(
  there: There,
  given: Partial<Sources> = {},
  stack = "develop",
): Promise<StackReport> {
  const read = (all: readonly object[] = []) => parseOutside(JSON.stringify(all));
  const cluster = {
    workflows: () => Promise.resolve(read(there.workflows) as Workflow[]),
    applications: () => Promise.resolve(read(there.applications) as Application[]),
  };
  const settings = settingsOfStack(stack);
  return reportStack({ settings, cluster, github: undefined, now, last: 10, ...given });
}

/** A Deployment as GraphQL returns it. */
export function recorded(
  oid: string,
  createdAt: string,
  statuses: readonly (readonly [state: string, createdAt: string, description?: string])[],
  published: string | null = null,
) {
  return {
    commitOid: oid,
    createdAt,
    commit: published === null ? null : { status: { context: { description: published } } },
    statuses: {
      nodes: statuses.map(([state, time, description = null]) => ({ state, createdAt: time, description })),
    },
  };
}

interface Variables {
  readonly owner: string;
  readonly name: string;
  readonly environment: string;
  readonly context: string;
  readonly after: string | null;
}

/** GitHub's GraphQL API, and the requests to it. */
export function graphql(answer: (variables: Variables) => object) {
  const asked: (Variables & { readonly url: string; readonly authorization: string | undefined })[] = [];
  const github: GitHub = {
    url: "https://api.github.com/graphql",
    token: "a-token",
    ask: ({ url, headers, body = "" }) => {
      const { variables } = JSON.parse(body) as { variables: Variables };
      asked.push({ ...variables, url, authorization: headers?.["authorization"] });
      const content = answer(variables);
      const code = "code" in content && typeof content.code === "number" ? content.code : 200;
      const text = JSON.stringify(content);
      return Promise.resolve({
        code,
        text,
        headers: {},
        reason: shown(`${code.toString()} ${messageIn(text)}`),
      });
    },
  };
  return { github, asked };
}

/** One page of Deployments; `next` is the cursor of another. */
export function pageOf(nodes: readonly object[], next: string | null = null): object {
  const pageInfo = { hasNextPage: next !== null, endCursor: next };
  return { data: { repository: { deployments: { nodes, pageInfo } } } };
}
