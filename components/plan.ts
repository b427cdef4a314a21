/** From the settings of a stack to what each component is given. Pure: no resource is made here. */
import type { PodSecurity } from "./namespaces.ts";
import type { DnsLabel, Owner } from "./names.ts";
import { objectName, tagOf } from "./names.ts";
import type { ApplicationSettings, ProjectWithSecrets, Settings } from "./settings.ts";

/** What each component of the stack is given, by the name that `index.ts` uses. */
export function planStack(settings: Settings) {
  const { cluster, namespaces, argocd } = settings;
  const { highAvailability } = cluster;
  return {
    cluster: clusterPlan(settings),
    namespaces: { levels: namespaceLevels(settings) },
    credentials: credentialsPlan(settings),
    addons: addonsPlan(settings),
    workflows: {
      namespace: namespaces.workflows,
      highAvailability,
      nodePort: settings.workflows.nodePort,
    },
    events: { namespace: namespaces.events, highAvailability },
    argoCd: {
      namespace: namespaces.delivery,
      host: argocd.host,
      nodePort: argocd.nodePort,
      ingress: argocd.ingress,
      highAvailability,
    },
    imageUpdater: imageUpdaterPlan(settings),
    builds: buildsPlan(settings),
    trigger: triggerPlan(settings),
    delivery: { namespace: namespaces.delivery, projects: settings.projects.map(deliveredProject) },
    outputs: outputs(settings),
  };
}

function clusterPlan({ cluster, github, githubToken, projects }: Settings) {
  const owners = [...new Set<Owner>(projects.map(({ owner }) => owner))];
  return { ...cluster, githubUrl: github.url, githubToken, owners };
}

function credentialsPlan(settings: Settings) {
  const { registry, registryLogin, namespaces, projects } = settings;
  return {
    registry: registry.host,
    pullSecret: registry.pullSecret,
    login: registryLogin,
    loginNamespaces: [
      ...new Set([
        ...namespacesOfBuilds(settings),
        namespaces.delivery,
        ...projects.flatMap(namespacesOfApplications),
      ]),
    ],
    projects: projects.map((project) => projectCredentials(project, settings)),
  };
}

function imageUpdaterPlan(settings: Settings) {
  const { host, insecure } = settings.registry;
  const namespace = settings.namespaces.delivery;
  return { namespace, registry: host, insecure, pullSecret: pullSecretOf(settings) };
}

function buildsPlan(settings: Settings) {
  const { registry, builds, projects } = settings;
  return {
    namespaces: namespacesOfBuilds(settings),
    projects: projects.map((project) => ({
      ...project,
      repositories: project.repositories.map((repository) => ({
        ...repository,
        namespace: namespaceOf(repository.builder, settings),
      })),
    })),
    pullSecret: pullSecretOf(settings),
    insecureRegistry: registry.insecure ? registry.host : undefined,
    keep: builds.keep,
  };
}

function triggerPlan(settings: Settings) {
  const { namespaces, cluster, eventBus, webhooks, projects } = settings;
  return {
    namespace: namespaces.events,
    bus: { ...eventBus, storageClass: cluster.storageClass },
    highAvailability: cluster.highAvailability,
    ingress: webhooks.ingress,
    keyVersion: webhooks.keyVersion,
    projects: projects
      .filter(({ repositories }) => repositories.length > 0)
      .map((project) => ({ ...project, builds: sensorBuilds(project, settings) })),
    buildNamespaces: namespacesOfBuilds(settings),
  };
}

/** The Secret of the registry's login, where the registry asks for one. */
function pullSecretOf({ registry, registryLogin }: Settings): DnsLabel | undefined {
  return registryLogin === undefined ? undefined : registry.pullSecret;
}

type BuilderName = ProjectWithSecrets["repositories"][number]["builder"];

/** A builder that needs more than the others has a namespace of its own, so that those stay confined. */
function namespaceOf(builder: BuilderName, { namespaces }: Settings): DnsLabel {
  return builder === "buildkit" ? namespaces.buildkit : namespaces.builds;
}

function namespacesOfBuilds(settings: Settings): DnsLabel[] {
  const used = settings.projects.flatMap(({ repositories }) =>
    repositories.map(({ builder }) => namespaceOf(builder, settings)),
  );
  return [...new Set([settings.namespaces.builds, ...used])];
}

function namespacesOfApplications({ applications }: ProjectWithSecrets): DnsLabel[] {
  return [...new Set(applications.map(({ namespace }) => namespace))];
}

/** Every namespace that the stack makes: not `default` and `kube-…`, which Kubernetes brings. */
function namespaceLevels(settings: Settings): Map<DnsLabel, PodSecurity | undefined> {
  const { namespaces, addons: wanted, projects } = settings;
  const ofApplications = projects
    .flatMap(namespacesOfApplications)
    .filter((namespace) => !/^(default|kube-.*)$/.test(namespace));
  const levels = new Map<DnsLabel, PodSecurity | undefined>(
    ofApplications.map((namespace) => [namespace, undefined]),
  );
  const parts: [DnsLabel, PodSecurity, boolean][] = [
    [namespaces.workflows, "restricted", true],
    [namespaces.events, "restricted", true],
    [namespaces.builds, "baseline", true],
    [namespaces.buildkit, "privileged", namespacesOfBuilds(settings).includes(namespaces.buildkit)],
    [namespaces.delivery, "restricted", true],
    [namespaces.rollouts, "restricted", wanted.argoRollouts],
    [namespaces.ingress, "restricted", wanted.ingressController !== undefined],
    [namespaces.storage, "privileged", wanted.rookCeph],
    [namespaces.registry, "restricted", wanted.registry !== undefined],
  ];
  for (const [namespace, level, made] of parts) if (made) levels.set(namespace, level);
  return levels;
}

/** The project's own Secret where its applications run; beside the builds only the keys that builds name. */
function projectCredentials(project: ProjectWithSecrets, settings: Settings) {
  const { secret, values, repositories, buildSecret } = project;
  const own =
    secret === undefined
      ? []
      : namespacesOfApplications(project).map((namespace) => ({ ...secret, namespace }));
  const build = namespacesOfBuilds(settings).map((namespace) => ({
    name: buildSecret,
    namespace,
    keys: [
      ...new Set(
        repositories
          .filter(({ builder }) => namespaceOf(builder, settings) === namespace)
          .flatMap(({ buildArgs }) => buildArgs),
      ),
    ],
  }));
  return { values, secrets: [...own, ...build] };
}

function addonsPlan({ addons: wanted, namespaces, cluster, webhooks }: Settings) {
  const { highAvailability, storageClass } = cluster;
  return {
    rookCeph: wanted.rookCeph ? { namespace: namespaces.storage, storageClass, highAvailability } : undefined,
    ingressController: wanted.ingressController && {
      namespace: namespaces.ingress,
      ingressClass: webhooks.ingress.class,
      nodePorts: wanted.ingressController.nodePorts,
      highAvailability,
    },
    registry: wanted.registry && { namespace: namespaces.registry, ...wanted.registry, storageClass },
    argoRollouts: wanted.argoRollouts ? { namespace: namespaces.rollouts, highAvailability } : undefined,
  };
}

/** Names a dependency and a trigger for each builder; JetStream's consumers have these names, so they never change. */
const triggerNames = { kaniko: "build", buildkit: "build-buildkit" } as const;

function sensorBuilds({ repositories }: ProjectWithSecrets, settings: Settings) {
  return (["kaniko", "buildkit"] as const).map((builder) => ({
    name: triggerNames[builder],
    namespace: namespaceOf(builder, settings),
    repositories: repositories.filter((repository) => repository.builder === builder),
  }));
}

function deliveredProject(project: ProjectWithSecrets) {
  return {
    ...project,
    applications: project.applications.map((one) => ({ ...one, images: followedImages(one, project) })),
  };
}

/** The first moving tag of each repository is the one that deployments follow. */
function followedImages({ follows }: ApplicationSettings, { branch }: ProjectWithSecrets) {
  return follows.map(({ name, image, tags }) => ({
    alias: objectName(name),
    image,
    tag: tagOf(tags.moving[0], branch, ""),
  }));
}

function outputs({ argocd, workflows, namespaces, cluster, projects }: Settings) {
  return {
    argocdUrl: pageUrl(argocd.host, argocd.nodePort),
    workflowsUrl: pageUrl(workflows.host, workflows.nodePort),
    webhookUrls: Object.fromEntries(projects.map(({ name, webhook }) => [name, webhook.url])),
    argocdInitialPasswordCommand:
      `kubectl --context '${cluster.context}' --namespace ${namespaces.delivery} get secret argocd-initial-admin-secret ` +
      "--output jsonpath='{.data.password}' | base64 --decode",
  };
}

/** The address of a page, as far as the settings know it. */
function pageUrl(host: string | undefined, nodePort: number | undefined): string {
  const port = nodePort === undefined ? "" : `:${nodePort.toString()}`;
  if (host !== undefined) return `https://${host}${port}`;
  return nodePort === undefined
    ? "inside the cluster only; see kubectl port-forward"
    : `https://<any node>${port}`;
}
