/** Runs the program that waits until an image runs, with stand-ins for Argo CD, the Image Updater and GitHub. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import type { GitHubServer } from "./github-server.ts";
import { startGitHubServer } from "./github-server.ts";
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";
import { programsFolder, outcome, result, startProgram, temporaryFolder } from "./script.ts";

const folder = temporaryFolder("live");
const TOKEN_FILE = join(folder, "token");
writeFileSync(TOKEN_FILE, "github_pat_secret");
const UPDATER_TOKEN_FILE = join(folder, "updater");
writeFileSync(UPDATER_TOKEN_FILE, "updater-secret");
const ACCOUNT = join(folder, "account");
mkdirSync(ACCOUNT);
writeFileSync(join(ACCOUNT, "token"), "account-secret");
writeFileSync(join(ACCOUNT, "ca.crt"), "");

const programs = programsFolder;
export const image = "registry:5000/acme/web";
export const digest = `sha256:${"1a2b3c4d".repeat(8)}`;
export const older = `sha256:${"0123abcd".repeat(8)}`;

/** The state of an Application, as differences from one that runs the previous image. */
export interface ApplicationState {
  readonly wanted?: string | null;
  readonly running?: readonly string[];
  readonly synced?: string;
  /** The objects that the last sync has applied, each with its image. */
  readonly applied?: Readonly<Record<string, string>>;
  /** The image in the last comparison. */
  readonly compared?: string;
  readonly status?: "Synced" | "OutOfSync";
  /** The revisions of the cluster repository in the last comparison and in the last sync. */
  readonly revisions?: readonly [string, string];
  readonly phase?: string;
  readonly message?: string;
  readonly health?: string;
  readonly condition?: string;
  readonly unhealthy?: string;
}

function application(state: ApplicationState): object {
  const {
    wanted = older,
    running = [older],
    synced = older,
    phase = "Succeeded",
    health = "Healthy",
  } = state;
  const { applied = { "Deployment web": synced }, compared = synced, revisions = ["c1", "c1"] } = state;
  const kustomize = (one: string) => ({
    kustomize: { images: [`acme/other:develop@${older}`, `${image}:develop@${one}`] },
  });
  return {
    spec: { source: { path: "k8s", ...(wanted === null ? {} : kustomize(wanted)) } },
    status: {
      summary: { images: ["redis:7", ...running.map((one) => `${image}:develop@${one}`)] },
      health: { status: health },
      sync: {
        status: state.status ?? "Synced",
        revision: revisions[0],
        comparedTo: { source: wanted === null ? {} : kustomize(compared) },
      },
      operationState: {
        phase,
        message: state.message ?? "successfully synced (all tasks run)",
        syncResult: {
          revision: revisions[1],
          source: wanted === null ? {} : kustomize(synced),
          resources: [
            { kind: "Service", name: "web", status: "Synced" },
            ...Object.entries(applied).map(([object, one]) => resource(object, one)),
          ],
        },
      },
      conditions:
        state.condition === undefined ? [] : [{ type: "ComparisonError", message: state.condition }],
      resources: [
        { kind: "Service", name: "web" },
        {
          kind: "Deployment",
          name: "web",
          health: { status: health, ...(state.unhealthy === undefined ? {} : { message: state.unhealthy }) },
        },
      ],
    },
  };
}

/** A sync's result of an object: the object was applied, unless a status follows its name. */
function resource(object: string, one: string) {
  const [kind, name, status = "Synced"] = object.split(" ");
  return { kind, name, status, images: ["redis:7", `${image}:develop@${one}`] };
}

export const rollingOut: readonly ApplicationState[] = [
  {},
  { wanted: digest, phase: "Running" },
  {
    wanted: digest,
    synced: digest,
    running: [older, digest],
    health: "Progressing",
    unhealthy: "Waiting for rollout to finish",
  },
];
export const live: ApplicationState = { wanted: digest, synced: digest, running: [digest] };

/** The successive states of each Application. */
type States = Readonly<Record<string, readonly (ApplicationState | "unreadable")[]>>;

interface Applications extends HttpServer {
  /** The patches: `application body`, or the body of a note on the Workflow. */
  readonly patches: readonly string[];
}

/** The API server: each request of an Application returns its next state, the last one forever. Notes are accepted. */
async function startApplications(states: States): Promise<Applications> {
  const asked: Record<string, number> = {};
  const patches: string[] = [];
  const server = await startHttpServer((request, response, change) => {
    const name = /^\/apis\/argoproj.io\/v1alpha1\/namespaces\/argocd\/applications\/([a-z-]+)$/.exec(
      request.url ?? "",
    )?.[1];
    if (request.method === "PATCH" && name !== undefined) patches.push(`${name} ${change}`);
    const own = states[name ?? ""] ?? [];
    const turn = (asked[name ?? ""] = (asked[name ?? ""] ?? -1) + 1);
    const state = own[Math.min(turn, own.length - 1)];
    const known = request.headers.authorization === "Bearer account-secret";
    const isNote = request.url === "/apis/argoproj.io/v1alpha1/namespaces/ci/workflows/web-1";
    if (isNote) patches.push(change);
    const found = known && state !== undefined && state !== "unreadable";
    response.writeHead(found || isNote ? 200 : 404, { "content-type": "application/json" });
    const body = found
      ? application(state)
      : { message: `applications.argoproj.io "${name ?? ""}" not found` };
    response.end(JSON.stringify(body));
  });
  return { ...server, patches };
}

let github: GitHubServer;
let updater: HttpServer;
/** The images that the Image Updater was notified of. */
const notified: string[] = [];
before(async () => {
  github = await startGitHubServer("acme/web", "github_pat_secret");
  updater = await startHttpServer(({ headers }, response, body) => {
    const { subject, data } = JSON.parse(body) as { subject: string; data: { digest: string } };
    if (headers["x-webhook-secret"] === "updater-secret") notified.push(`${subject} ${data.digest}`);
    response.end("Webhook received and processing");
  });
});
after(() => {
  github.close();
  updater.close();
});

let runs = 0;

export async function run(
  states: States,
  variables: Readonly<Record<string, string>> = {},
  watch: (child: ChildProcess) => void = () => undefined,
) {
  runs += 1;
  const results = join(folder, `results-${runs.toString()}`);
  mkdirSync(results);
  const commit = variables["COMMIT"] ?? runs.toString().padStart(40, "0");
  const path = `acme/web-${runs.toString()}`;
  const server = await startApplications(states);
  const child = startProgram(programs, "live.ts", {
    APPLICATIONS: Object.keys(states).join(" "),
    BY_COMMIT: "",
    WITH_WINDOWS: "",
    REMIND_AFTER: "60",
    UPDATER: `${updater.url}/webhook`,
    UPDATER_TOKEN_FILE,
    REGISTRY: "registry:5000",
    IMAGE_PATH: path,
    TAG: "develop",
    NAMESPACE: "argocd",
    IMAGE: image,
    DIGEST: digest,
    TIME_LIMIT: "3",
    RETRIES: "0",
    REPORT_AFTER: "0",
    WORKFLOW: "web-1",
    WORKFLOW_NAMESPACE: "ci",
    CREATED: (Math.floor(Date.now() / 1000) - 100).toString(),
    RESULTS: results,
    GITHUB_API: github.url,
    TOKEN_FILE,
    REPOSITORY: "acme/web",
    COMMIT: commit,
    ENVIRONMENT: "develop",
    ENVIRONMENT_URL: "https://web.example",
    TARGET_URL: "https://workflows.example/workflows/ci/web-1",
    ACCOUNT,
    KUBERNETES_API: server.url,
    ...variables,
  });
  watch(child);
  const { status, stdout, stderr } = await outcome(child);
  server.close();
  assert.doesNotMatch(stdout + stderr, /secret/);
  const deployments = github.deployments.filter(({ ref }) => ref === commit);
  const [deployment] = deployments;
  const reported =
    deployment?.statuses.map(({ state, description = "" }) => `${state}: ${description}`) ?? [];
  const { patches } = server;
  const reminders = notified.filter((one) => one === `${path}:develop ${digest}`);
  return {
    status,
    stdout,
    stderr,
    deployment,
    deployments,
    reported,
    patches,
    reminders,
    seconds: result(results, "seconds"),
  };
}

export const queued = "queued: waiting for Argo CD";
export const inProgress = "in_progress: Argo CD rolls it out";
