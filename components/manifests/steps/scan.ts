import type { Build } from "../types/build.ts";
import type { PodTemplate } from "../types/workflows.ts";
import { commitImage } from "./build.ts";
import { registryAccess, result, retryStrategy, tool, toolVolumes } from "./tool.ts";

/** Seconds: the database of vulnerabilities is downloaded each time. */
const limit = 1800;

/** Looks for known vulnerabilities with Trivy. Output: `found`, in words, empty where there is nothing to tell. */
export function scan(build: Build): PodTemplate {
  const registry = registryAccess(build);
  return {
    name: "scan",
    inputs: { parameters: [{ name: "commit" }] },
    outputs: { parameters: [result("found")] },
    activeDeadlineSeconds: limit,
    retryStrategy,
    volumes: [...toolVolumes(build), ...registry.volumes, { name: "cache", emptyDir: {} }],
    container: tool({
      image: build.images.trivy,
      scripts: ["scan.sh"],
      env: {
        ...registry.env,
        IMAGE: commitImage(build, "{{=inputs.parameters.commit[0:7]}}"),
        MODE: build.scan.mode,
        SEVERITY: build.scan.severity,
        TRIVY_CACHE_DIR: "/cache",
      },
      mounts: [...registry.mounts, { name: "cache", mountPath: "/cache" }],
      memory: "2Gi",
    }),
  };
}
