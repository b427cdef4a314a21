/** Two days of the stack develop, as its cluster would report them: the report in docs/looks.md. */
import { createHash } from "node:crypto";
import type { RepositorySettings } from "../../components/settings/resolve.ts";
import type { Report } from "../../tools/report/text.ts";
import { reported, settingsOfStack, workflow } from "./report.ts";

const { projects } = settingsOfStack("develop");
const builds = projects.flatMap(({ branch, repositories }) =>
  repositories.map((repository, index) => ({ branch, repository, index })),
);

export async function sampleReport(): Promise<Report> {
  const workflows = [...builds.map(published), broken, running];
  return { stacks: [await reported({ workflows, applications: projects.map(application) })], unanswered: [] };
}

const sum = (algorithm: "sha1" | "sha256", text: string) => createHash(algorithm).update(text).digest("hex");
const digestOf = ({ service }: RepositorySettings) => `sha256:${sum("sha256", service)}`;

function labels(service: string, branch: string, push = "") {
  const commit = sum("sha1", service + push);
  return { "argo-cicd/service": service, "argo-cicd/branch": branch, "argo-cicd/commit": commit };
}

/** Each a little less than four hours before the previous one. */
function published({ branch, repository }: (typeof builds)[number], index: number) {
  const earlier = 13_700 * index;
  const begun = -2000 - earlier;
  const built = begun + 70 + ((index * 23) % 60);
  const live = built + 21 + ((index * 7) % 20);
  return workflow(
    `${repository.service}-1`,
    begun,
    {
      begin: { from: begun + 2, to: begun + 5 },
      build: { from: begun + 2, to: built },
      publish: { from: built, to: built + 6, outputs: { digest: digestOf(repository) } },
      live: { from: built + 6, to: live, outputs: { seconds: (live - begun).toString() } },
    },
    { end: live + 1, labels: labels(repository.service, branch) },
  );
}

const message =
  "main: Error (exit code 1): > tsc\nsrc/App.tsx(41,7): error TS2322: Type 'null' is not assignable";
const broken = workflow(
  "alog-front-web-2",
  -900,
  { begin: { from: -898, to: -895 }, build: { from: -898, to: -842, phase: "Failed", message } },
  { phase: "Failed", end: -840, labels: labels("alog-front-web", "develop", "broken") },
);

const running = workflow(
  "alog-service-user-2",
  60,
  { begin: { from: 62, to: 65 }, build: { from: 62, phase: "Running" } },
  { phase: "Running", labels: labels("alog-service-user", "develop", "running") },
);

function application({ name, branch, repositories }: (typeof projects)[number]) {
  const images = repositories.map((one) => `${one.image}:${branch}@${digestOf(one)}`);
  return {
    metadata: { name },
    status: { sync: { status: "Synced" }, health: { status: "Healthy" }, summary: { images } },
  };
}
