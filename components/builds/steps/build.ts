import type { RepositorySettings } from "../../settings/resolve.ts";
import type { Build } from "../build.ts";
import { limited, limitKey } from "../build.ts";
import type { Builder, BuilderContainer } from "../builders/builder.ts";
import { scratch, scriptsFolder, workspace } from "../builders/builder.ts";
import { builders } from "../builders/builders.ts";
import { largeTools } from "../builders/needs.ts";
import { dockerfileOf } from "../builders/options.ts";
import { images } from "../images.ts";
import {
  noAccount,
  noAccountMount,
  results,
  resultsMount,
  scriptsMount,
  toolVolumes,
  result,
} from "./mounts.ts";
import { appTokens } from "./app-tokens.ts";
import {
  branchInArguments,
  builderEnvironment,
  cacheArguments,
  destination,
  forkEnvironment,
  refEnvironment,
} from "./ref.ts";
import { givenArchitecture, imageTask, partOf, partTask } from "./architectures.ts";
import type { Step } from "./step.ts";
import { parameter, withArguments } from "./step.ts";
import type { Container } from "../../kinds/kubernetes.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { crane, registryAccess, registryProxy } from "./registry.ts";
import type { Tool } from "./tool.ts";
import { failureMessagePolicy, gitAccess, retryStrategy, tipEnvironment, tool } from "./tool.ts";

/**
 * One pod, whose containers share a workspace: the checkout, a check whether the commit's image exists, and the
 * builder, which does nothing if it does. Each additional pod would cost a second. The builder runs the authors' code
 * and has no login: it pushes through the registry proxy in the pod. Outputs: `commit`, and the `digest` of its image.
 * For signatures, also `built`: false if the image existed already. For several architectures, there is a pod for each.
 */
export const build = {
  name: "build",
  makesImage: true,
  template,
  tasks: ({ repository: { architectures } }) =>
    architectures.length === 0
      ? [{ name: "build" }]
      : architectures.map((one) => ({ name: partTask(one), ...withArguments({ architecture: one }) })),
} as const satisfies Step;

function template(whole: Build): PodTemplate {
  if (imageTask(whole) === "build") return podOf(whole, {});
  const part = partOf(whole);
  const { name, ...rest } = podOf(part, searchOf(whole, part), givenArchitecture);
  return { name, inputs: { parameters: [{ name: "architecture" }] }, ...rest };
}

/**
 * Where find.sh looks for an architecture's image: in an index, and without signing also under a tag of its own. A
 * build can only sign an index if it made all of its images itself.
 */
function searchOf(whole: Build, part: Build): Tool["env"] {
  const places = whole.repository.signing ? [whole] : [whole, part];
  const tags = places.map((one) => registryAccess(one).env.COMMIT_TAG);
  return { ARCHITECTURE: givenArchitecture, TAGS: tags.join(" ") };
}

/** @param architecture the architecture of the pod, if the build has several */
function podOf(args: Build, search: Tool["env"], architecture?: string): PodTemplate {
  const { repository } = args;
  const isPart = architecture !== undefined;
  const outputs = ["commit", "digest", ...(repository.signing || isPart ? ["built"] : [])];
  const git = gitAccess(args, args.repository);
  const made = appTokens(args.network, [git]);
  const builder = builderOf(args, architecture);
  return {
    name: "build",
    outputs: { parameters: outputs.map(result) },
    activeDeadlineSeconds: repository.timeLimit,
    retryStrategy,
    synchronization: limited(args, limitKey),
    ...nodes(repository),
    volumes: [
      scratch("workspace", repository),
      ...toolVolumes(args),
      noAccount,
      ...git.volumes,
      ...made.volumes,
      ...builder.volumes,
      ...registryAccess(args).volumes,
    ],
    initContainers: [
      ...made.containers,
      { name: "checkout", ...checkout(args) },
      { name: "find", ...crane(args, "find.sh", { REBUILD: parameter.rebuild, ...search }) },
      registryProxy(args),
    ],
    container: main(args, builder),
  };
}

function builderOf(args: Build, architecture: string | undefined): BuilderContainer {
  const { repository } = args;
  return builders[repository.builder].container({
    ...args,
    branch: branchInArguments(args),
    destination: destination(args),
    ...cacheArguments(args),
    labels: imageLabels(repository),
    architecture,
  });
}

/** The nodes on which Dockerfiles run. The other steps need little, and run anywhere. */
function nodes({ nodeSelector, tolerations }: RepositorySettings) {
  return {
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
  };
}

/** Labels with the names of the OCI annotations for an image's origin. */
function imageLabels({ cloneUrl }: RepositorySettings): Record<string, string> {
  return {
    "org.opencontainers.image.created": "{{workflow.creationTimestamp}}",
    "org.opencontainers.image.revision": "{commit}",
    "org.opencontainers.image.source": cloneUrl.replace(/\.git$/, ""),
  };
}

function checkout(args: Build): Container {
  const git = gitAccess(args, args.repository);
  const { context = ".", lfs, submodules, builder } = args.repository;
  const { check }: Builder = builders[builder];
  return tool({
    image: images.git,
    network: args.network,
    scripts: ["tip.sh", "checkout.sh", ...(check === undefined ? [] : [check])],
    workingDir: workspace,
    env: {
      ...git.env,
      ...tipEnvironment(args),
      ...refEnvironment(args),
      ...forkEnvironment(args),
      COMMIT: parameter.commit,
      DOCKERFILE: dockerfileOf(args.repository).path,
      CONTEXT: context,
      SUBMODULES: submodules.toString(),
      LFS: lfs?.toString() ?? "",
    },
    mounts: [{ name: "workspace", mountPath: workspace }, ...git.mounts],
    memory: largeTools.checkout,
  });
}

/** The builder, called by a script that replaces placeholders such as the commit. */
function main(args: Build, { shell, command, container }: BuilderContainer): Container {
  const { cpu, memory, disk } = args.repository.resources;
  const room = disk === undefined ? {} : { "ephemeral-storage": disk };
  return {
    ...container,
    command: [shell, `${scriptsFolder}/build.sh`, ...command],
    env: [{ name: "RESULTS", value: results }, ...builderEnvironment(args), ...container.env],
    volumeMounts: [
      { name: "workspace", mountPath: workspace },
      scriptsMount,
      // Argo reads outputs from there, and later steps rely on them, so a Dockerfile must not write them.
      { ...resultsMount, readOnly: true },
      noAccountMount,
      ...container.volumeMounts,
    ],
    resources: { requests: { cpu, memory, ...room }, limits: { memory, ...room } },
    terminationMessagePolicy: failureMessagePolicy,
  };
}
