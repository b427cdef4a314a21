import { signingSecret } from "../../derived-names.ts";
import type { Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import { keyFile, passwordFile, publicKeyFile } from "../../kinds/signing.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import type { Build } from "../build.ts";
import { largeTools } from "../builders/needs.ts";
import { images } from "../images.ts";
import { architecturesEnvironment, buildTasks, imageTask } from "./architectures.ts";
import { noAccount, toolVolumes } from "./mounts.ts";
import { provenance } from "./provenance.ts";
import { ofBranch } from "./ref.ts";
import { registryAccess, registryTool } from "./registry.ts";
import { scan } from "./scan.ts";
import type { Step } from "./step.ts";
import { output, withArguments } from "./step.ts";
import { retryStrategy, tool } from "./tool.ts";

/** In seconds: Trivy reads every layer, also of a large image. */
const limit = 1800;

/** The size of an SBOM, which lists every package and file of an image. */
const statementsSize = "256Mi";

const statementsFolder = "/statements";
const keyFolder = "/signing-key";
const statements: VolumeMount = { name: "statements", mountPath: statementsFolder };

/**
 * Writes the SBOM and the provenance of the image, and signs all three. This precedes the move of tags, so that nothing
 * is deployed without a signature. It runs no code of the authors, and only its last container mounts the key.
 */
export const attest = {
  name: "attest",
  makesImage: true,
  wanted: ({ repository }: Build) => repository.signing,
  template,
  task: (build: Build) => ({
    depends: scan.wanted(build) ? scan.name : imageTask(build),
    ...withArguments({
      commit: output(build).commit,
      digest: output(build).digest,
      built: output(build).built,
      // A list for several architectures.
      started: buildTasks(build)
        .map((task) => `{{tasks.${task}.startedAt}}`)
        .join(","),
      finished: `{{tasks.${imageTask(build)}.finishedAt}}`,
    }),
    ...ofBranch(build),
  }),
} as const satisfies Step;

function template(build: Build): PodTemplate {
  const names = ["commit", "digest", "built", "started", "finished"];
  return {
    name: "attest",
    inputs: { parameters: names.map((name) => ({ name })) },
    activeDeadlineSeconds: limit,
    retryStrategy,
    // Trivy stores layers of the image in the temporary files, so their size is not known.
    volumes: [
      ...toolVolumes(build, {}),
      noAccount,
      ...registryAccess(build).volumes,
      { name: statements.name, emptyDir: { sizeLimit: statementsSize } },
      key(build),
    ],
    initContainers: [
      { name: "sbom", ...sbom(build) },
      { name: "provenance", ...provenance(build, written, statements) },
    ],
    container: signature(build),
  };
}

/** The common environment of the step's containers. */
const written = { BUILT: "{{inputs.parameters.built}}", STATEMENTS: statementsFolder };

function imageOf({ repository }: Build): string {
  return `${repository.image}@{{inputs.parameters.digest}}`;
}

function sbom(build: Build) {
  const registry = registryAccess(build);
  return tool({
    image: images.trivy,
    network: build.network,
    scripts: ["sbom.sh"],
    env: {
      ...registry.env,
      ...written,
      ...architecturesEnvironment(build),
      IMAGE: imageOf(build),
      TRIVY_CACHE_DIR: "/tmp",
    },
    mounts: [...registry.mounts, statements],
    memory: largeTools.scan,
  });
}

function signature(build: Build) {
  return registryTool(build, {
    image: images.cosign,
    scripts: ["attest.sh"],
    env: { ...written, IMAGE: imageOf(build), SIGNING_KEY: keyFolder },
    mounts: [
      { ...statements, readOnly: true },
      { name: "signing-key", mountPath: keyFolder, readOnly: true },
    ],
    memory: largeTools.attest,
  });
}

function key({ signing }: Build): Volume {
  const files = [
    keyFile,
    passwordFile,
    ...Array.from({ length: signing.publicKeys }, (_, index) => publicKeyFile(index)),
  ];
  const items = files.map((file) => ({ key: file, path: file }));
  return { name: "signing-key", secret: { secretName: signingSecret, items } };
}
