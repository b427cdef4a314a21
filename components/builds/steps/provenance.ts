/** The container that writes the provenance of an image. */
import { imageParts } from "../../derived-names.ts";
import type { Container, VolumeMount } from "../../kinds/kubernetes.ts";
import type { RepositorySettings } from "../../settings/resolve.ts";
import type { Build } from "../build.ts";
import { dockerfileOf } from "../builders/options.ts";
import { images } from "../images.ts";
import { parameter } from "./step.ts";
import type { Tool } from "./tool.ts";
import { tipEnvironment, tool, workflowUrl } from "./tool.ts";

export function provenance(build: Build, env: Tool["env"], mount: VolumeMount): Container {
  const { repository, network, namespace, signing } = build;
  const { host, path } = imageParts(repository.image);
  return tool({
    image: images.node,
    network,
    scripts: ["provenance.ts"],
    env: {
      ...env,
      ...tipEnvironment(build),
      NAME: `${host}/${path}`,
      DIGEST: "{{inputs.parameters.digest}}",
      COMMIT: "{{inputs.parameters.commit}}",
      REBUILD: parameter.rebuild,
      REPOSITORY_URL: repository.cloneUrl,
      PARAMETERS: asData(parametersOf(repository)),
      PLATFORM: asData(platformOf(repository)),
      BUILDER: `${signing.platform}/workflow-templates/${namespace}/${repository.object}`,
      INVOCATION: workflowUrl(signing.platform),
      STARTED: "{{inputs.parameters.started}}",
      FINISHED: "{{inputs.parameters.finished}}",
    },
    mounts: [mount],
  });
}

/** All settings of the build that change its image. Secrets are included by name only. */
function parametersOf(repository: RepositorySettings) {
  const { context = ".", target, args, buildArgs, secrets, submodules, lfs } = repository;
  const { builder, builderFlags, nodeSelector, architectures } = repository;
  const dockerfile = dockerfileOf(repository).path;
  return {
    ...{ dockerfile, context, target, args, buildArgs, secrets, submodules, lfs },
    ...{ builder, builderFlags, nodeSelector },
    ...(architectures.length === 0 ? {} : { architectures }),
  };
}

/** The builder's image and the cache of the build. */
function platformOf({ builder, cache }: RepositorySettings) {
  return { builderImage: images[builder], cache: cache?.repository };
}

/** JSON whose strings contain no template for Argo and no variable for the kubelet. */
export function asData(value: object): string {
  return JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"/g, (text) =>
    text.replaceAll("{", String.raw`\u007b`).replaceAll("$", String.raw`\u0024`),
  );
}
