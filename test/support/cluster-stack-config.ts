/** The stack that tests of a cluster bring up. */
import type { GitServer } from "./cluster-git.ts";
import type { Config } from "./declare.ts";
import { secretsFor, stackConfig } from "./declare.ts";
import type { BuildSite } from "./site.ts";

/** The service that the application of a project runs. */
export const deliveredServices = { alog: "alog-service-user", aform: "aform-service-user" } as const;
export type DeliveredProject = keyof typeof deliveredServices;

/** The committed stack file with other addresses, one pod of the bus, small builds, and one more project. */
export function committedConfig(stack: string, withArgoCd: boolean) {
  return (site: BuildSite, git: GitServer) => buildConfig(stackConfig(stack), site, git.url, withArgoCd);
}

function buildConfig(
  committed: Config,
  { registry, storageClass, logStore }: BuildSite,
  gitUrl: string,
  withArgoCd: boolean,
): Config {
  const config: Config = {
    ...committed,
    cluster: { ...(committed["cluster"] as Config), ...(storageClass === undefined ? {} : { storageClass }) },
    registry: { ...(committed["registry"] as Config), host: registry.name, insecure: true },
    github: { url: gitUrl },
    delivery: { wait: withArgoCd, timeLimit: "300s" },
    eventBus: { replicas: 1 },
    builds: {
      resources: { cpu: "100m", memory: "1Gi" },
      gitTags: "v*",
      // A test starts it. At the default interval, it would start what other tests have not pushed yet.
      catchUp: { every: "1d" },
      ...(logStore === undefined ? {} : { logs: { endpoint: logStore, bucket: "logs", insecure: true } }),
    },
    projects: { ...deliveredProjects(committed["projects"] as Record<string, Config>), shop },
  };
  return { ...config, secrets: secretsFor(config) };
}

/** One image of each project is delivered; the others would wait for applications that do not run them. */
function deliveredProjects(projects: Record<string, Config>): Config {
  const delivered = Object.entries(deliveredServices);
  const following = (project: Config, images: readonly string[]) => ({
    ...project,
    applications: (project["applications"] as Config[]).map((one) => ({ ...one, images })),
  });
  return Object.fromEntries(
    Object.entries(projects).map(([name, project]) => [
      name,
      following(
        project,
        delivered.flatMap(([one, service]) => (one === name ? [service] : [])),
      ),
    ]),
  );
}

/** Names that differ only after the part that fits into the name of a Workflow. */
export const longServices = ["one", "two"].map(
  (end) => `shop-a-service-whose-name-is-longer-than-most-${end}`,
);

/** What no committed stack has: a private repository of several services. */
const shop = {
  owner: "KEA-ACCELER",
  private: true,
  webhook: { url: "https://shop.example/github-webhook" },
  otherBranches: ["feature/*"],
  repositories: [
    { name: "shop", service: "shop-api", paths: ["api"], context: "api", pullRequests: true },
    { name: "shop", service: "shop-jobs", paths: ["jobs"], context: "jobs", timeLimit: "15s" },
    { name: "shop", service: "shop-vulnerable", paths: ["vulnerable"], context: "vulnerable" },
    { name: "shop-everywhere", otherBranches: false, architecture: ["amd64", "arm64"] },
    ...longServices.map((service) => ({ name: "shop", service, paths: ["long"] })),
  ],
};
