import type { Branch, DnsLabel, RepositoryName } from "../names.ts";
import { branchSegment, tagOf } from "../names.ts";
import { buildkit } from "./buildkit.ts";
import { kaniko } from "./kaniko.ts";
import { confined } from "./security.ts";
import type { Builder, BuilderContainer, BuiltRepository } from "./types/build.ts";
import { workspace } from "./types/build.ts";
import type { Container, Volume } from "./types/kubernetes.ts";
import type { WorkflowStep, WorkflowTemplateSpec } from "./types/workflows.ts";

export interface WorkflowTemplateArgs {
  readonly project: DnsLabel;
  readonly branch: Branch;
  readonly repository: BuiltRepository;
  readonly serviceAccount: DnsLabel;
  /** ConfigMap with the files of `components/scripts`. */
  readonly scripts: DnsLabel;
  /** Secret with the values of build arguments. */
  readonly buildSecret: DnsLabel;
  /** Secret with the registry's login, where it asks for one. */
  readonly pullSecret: DnsLabel | undefined;
  /** Registry that speaks plain HTTP. */
  readonly insecureRegistry: string | undefined;
  readonly images: { readonly git: string } & Readonly<Record<Builder, string>>;
  /** Seconds that a finished Workflow is kept. */
  readonly keep: number;
}

const scriptsFolder = "/scripts";
const builders = { kaniko, buildkit } as const;

/** Builds the pushed commit of one repository and pushes its image. Started by the Sensor, or by hand. */
export function workflowTemplate(args: WorkflowTemplateArgs): WorkflowTemplateSpec {
  const { project, branch, repository, serviceAccount, keep } = args;
  return {
    entrypoint: "build",
    serviceAccountName: serviceAccount,
    arguments: { parameters: [{ name: "commit", description: "The full commit to build." }] },
    activeDeadlineSeconds: repository.timeLimit,
    ttlStrategy: { secondsAfterCompletion: keep },
    podGC: { strategy: "OnPodSuccess" },
    workflowMetadata: {
      labels: buildLabels(project, repository.name, branch),
      labelsFrom: { "argo-cicd/commit": { expression: "workflow.parameters.commit" } },
    },
    templates: [buildTemplate(args)],
  };
}

/** The labels by which builds can be listed and counted. */
export function buildLabels(
  project: DnsLabel,
  repository: RepositoryName,
  branch: Branch,
): Record<string, string> {
  return {
    "argo-cicd/project": project,
    "argo-cicd/repository": repository.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, ""),
    "argo-cicd/branch": branchSegment(branch),
  };
}

/** One pod: the checkout before, the builder after it, and a workspace that both see. */
function buildTemplate(args: WorkflowTemplateArgs): WorkflowStep {
  const { repository, images, scripts, pullSecret } = args;
  const builder = builders[repository.builder]({
    image: images[repository.builder],
    repository,
    destinations: destinations(repository, args.branch),
    labels: imageLabels(repository),
    insecureRegistry: args.insecureRegistry,
    buildSecret: args.buildSecret,
  });
  return {
    name: "build",
    volumes: [
      { name: "workspace", emptyDir: {} },
      { name: "scripts", configMap: { name: scripts } },
      ...builder.volumes,
      ...(pullSecret === undefined ? [] : [loginVolume(pullSecret)]),
    ],
    initContainers: [checkout(repository, images.git)],
    container: withLogin({ ...builder.container, resources: resourcesOf(repository) }, builder, pullSecret),
  };
}

/** The short commit is an expression of Argo Workflows, so that a run by hand needs only the full one. */
const shortCommit = "{{=workflow.parameters.commit[0:7]}}";

function destinations({ image, tags }: BuiltRepository, branch: Branch): string[] {
  return [tags.commit, ...tags.moving].map((tag) => `${image}:${tagOf(tag, branch, shortCommit)}`);
}

/** The OCI annotations that tell where an image comes from. */
function imageLabels({ cloneUrl }: BuiltRepository): Record<string, string> {
  return {
    "org.opencontainers.image.revision": "{{workflow.parameters.commit}}",
    "org.opencontainers.image.source": cloneUrl.replace(/\.git$/, ""),
  };
}

function checkout({ cloneUrl }: BuiltRepository, image: string): Container & { readonly name: string } {
  return {
    name: "checkout",
    image,
    command: ["/bin/sh", `${scriptsFolder}/checkout.sh`],
    workingDir: workspace,
    env: [
      { name: "REPOSITORY_URL", value: cloneUrl },
      { name: "COMMIT", value: "{{workflow.parameters.commit}}" },
      // The user has no home in the image, and git wants to look for its settings.
      { name: "HOME", value: "/tmp" },
    ],
    volumeMounts: [
      { name: "workspace", mountPath: workspace },
      { name: "scripts", mountPath: scriptsFolder, readOnly: true },
    ],
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "1Gi" } },
    securityContext: {
      ...confined,
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

function resourcesOf({ resources: { cpu, memory } }: BuiltRepository) {
  return { requests: { cpu, memory }, limits: { memory } };
}

function loginVolume(secretName: DnsLabel): Volume {
  return {
    name: "registry-login",
    secret: { secretName, items: [{ key: ".dockerconfigjson", path: "config.json" }] },
  };
}

function withLogin(
  container: Container,
  { dockerConfig }: BuilderContainer,
  pullSecret: DnsLabel | undefined,
): Container {
  if (pullSecret === undefined) return container;
  return {
    ...container,
    volumeMounts: [
      ...container.volumeMounts,
      { name: "registry-login", mountPath: dockerConfig, readOnly: true },
    ],
  };
}
