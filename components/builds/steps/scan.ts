import type { Build } from "../build.ts";
import { largeTools } from "../builders/needs.ts";
import { images } from "../images.ts";
import { architecturesEnvironment, imageTask } from "./architectures.ts";
import { noAccount, toolVolumes, result } from "./mounts.ts";
import { output, withArguments } from "./step.ts";
import type { Step } from "./step.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { registryAccess } from "./registry.ts";
import { retryStrategy, tool } from "./tool.ts";

/** In seconds: every scan downloads the database of vulnerabilities. */
const limit = 1800;

/** Scans the image for known vulnerabilities with Trivy. Output: `findings`, the findings as text, or empty. */
export const scan = {
  name: "scan",
  makesImage: true,
  wanted: ({ scan: { mode } }: Build) => mode !== "off",
  template,
  task: (build: Build) => ({ depends: imageTask(build), ...withArguments({ digest: output(build).digest }) }),
} as const satisfies Step;

function template(build: Build): PodTemplate {
  const registry = registryAccess(build);
  return {
    name: "scan",
    inputs: { parameters: [{ name: "digest" }] },
    outputs: { parameters: [result("findings")] },
    activeDeadlineSeconds: limit,
    retryStrategy,
    // Trivy stores layers of the image and its database there, and the size of neither is known.
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
