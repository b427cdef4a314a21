import type { Build } from "../build.ts";
import { largeTools } from "../builders/needs.ts";
import { images } from "../images.ts";
import { architecturesEnvironment, imageTask } from "./architectures.ts";
import { noAccount, toolVolumes, result } from "./mounts.ts";
import { given, output } from "./step.ts";
import type { Step } from "./step.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { registryAccess } from "./registry.ts";
import { retryStrategy, tool } from "./tool.ts";

/** Seconds: the database of vulnerabilities is downloaded each time. */
const limit = 1800;

/** Looks for known vulnerabilities with Trivy. Output: `found`, for people; empty where nothing was found. */
export const scan = {
  name: "scan",
  makesImage: true,
  wanted: ({ scan: { mode } }: Build) => mode !== "off",
  template,
  task: (build: Build) => ({ depends: imageTask(build), ...given({ digest: output(build).digest }) }),
} as const satisfies Step;

function template(build: Build): PodTemplate {
  const registry = registryAccess(build);
  return {
    name: "scan",
    inputs: { parameters: [{ name: "digest" }] },
    outputs: { parameters: [result("found")] },
    activeDeadlineSeconds: limit,
    retryStrategy,
    // Trivy keeps layers of the image and its database there, neither of which has a size that is known.
    volumes: [...toolVolumes(build, {}), noAccount, ...registry.volumes, { name: "cache", emptyDir: {} }],
    container: tool({
      image: images.trivy,
      network: build.network,
      scripts: ["scan.sh"],
      env: {
        ...registry.env,
        ...architecturesEnvironment(build),
        IMAGE: `${build.repository.image}@{{inputs.parameters.digest}}`,
        MODE: build.scan.mode,
        SEVERITY: build.scan.severity,
        TRIVY_CACHE_DIR: "/cache",
      },
      mounts: [...registry.mounts, { name: "cache", mountPath: "/cache" }],
      memory: largeTools.scan,
    }),
  };
}
