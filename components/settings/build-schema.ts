/** The keys that a stack sets for all builds, and a repository for its own. */
import { z } from "zod";
import { argument, bytes, count, cpu } from "../fields.ts";
import { must, strict } from "../checks.ts";
import { host, longestHost } from "../hosts.ts";

/** The key of a label or an annotation: a name, with an optional prefix of a host name and a `/`. */
export const labelKey = z
  .string()
  .regex(
    new RegExp(
      String.raw`^((?=[^\/]{1,${longestHost.toString()}}\/)${host}\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`,
    ),
    {
      error: must("the key of a Kubernetes label or annotation", "write it like example.com/pool"),
    },
  );

const labelError = {
  error: must(
    "the value of a Kubernetes label: at most 63 letters, digits, '.', '_' and '-', in quotes if YAML reads it as another type",
    'write it like builds or "true"',
  ),
};
const labelValue = z
  .string(labelError)
  .regex(/^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/, labelError);

const toleration = strict({
  key: labelKey.optional().describe("Key of the taint; without it, every taint."),
  operator: z
    .enum(["Equal", "Exists"])
    .optional()
    .describe("Equal compares the value too, and is the default; Exists does not."),
  value: labelValue.optional().describe("Value of the taint."),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .optional()
    .describe("Effect of the taint; without it, every effect."),
})
  .refine(({ operator, value }) => operator !== "Exists" || value === undefined, {
    error: must("with the operator Exists a toleration has no value", "remove value, or write Equal"),
  })
  .refine(({ operator, key }) => operator === "Exists" || key !== undefined, {
    error: must("a toleration without a key needs the operator Exists", "add key, or write operator: Exists"),
  });

/** Labels of a Kubernetes object. */
export const labels = z.record(labelKey, labelValue);
const tolerations = z.array(toleration);

/** Architectures of nodes, as Kubernetes names them. */
export const architectures = ["amd64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** A single architecture may be written without a list. */
export const architecture = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  z
    .array(z.enum(architectures))
    .min(1, { error: must("at least one architecture", "name one, or remove the key") })
    .refine((all) => new Set(all).size === all.length, {
      error: must("an architecture may occur only once", "remove one of the two"),
    }),
);

const builderFlags = z.array(
  argument.regex(/^--[A-Za-z][A-Za-z0-9-]*(=[^]*)?$/, {
    error: must(
      "a flag with two dashes, with any value after a =",
      "write it like --single-snapshot or --compression=zstd",
    ),
  }),
);

/** Keys of `builds`. */
export const sharedOptions = {
  nodeSelector: labels
    .default({})
    .describe("Labels of the nodes for the build step, which is the one that runs Dockerfiles."),
  tolerations: tolerations.default([]).describe("Taints of nodes that the build step tolerates."),
  architecture: architecture
    .optional()
    .describe(
      "Architecture of the nodes of the build step, and so of the images; with a list of several, each image is an index with one image per architecture. Without it, that of the node that runs the build.",
    ),
  builderFlags: builderFlags
    .default([])
    .describe(
      "More flags for `builder`, in this order, for the repositories that it builds. The placeholders of `args` are filled in.",
    ),
  pullRequests: z
    .boolean()
    .default(false)
    .describe(
      "Build pull requests into the branch from branches of the same repository, and again on the comment `/retest`: an image under a tag of its own, which is neither signed nor deployed.",
    ),
} as const;

/** Keys of a repository. */
export const ownOptions = {
  nodeSelector: labels
    .optional()
    .describe("Labels of the nodes for this build step, instead of the stack's; {} for none."),
  tolerations: tolerations
    .optional()
    .describe("Taints of nodes that this build step tolerates, instead of the stack's; [] for none."),
  architecture: architecture
    .optional()
    .describe(
      "Architecture, or list of them, of this image and of the nodes of its build step, instead of the stack's.",
    ),
  builderFlags: builderFlags
    .optional()
    .describe("More flags for this repository's builder, instead of the stack's; [] for none."),
  pullRequests: z
    .boolean()
    .optional()
    .describe("Whether to build this repository's pull requests, instead of the stack's setting."),
} as const;

export const quota = strict({
  cpu: cpu.optional().describe("CPU requests of all their containers together."),
  memory: bytes.optional().describe("Memory limits of all their containers together."),
  pods: count("how many").optional().describe("Pods at once; a build has two."),
  disk: bytes
    .optional()
    .describe(
      "Requests of all their containers together for disk of nodes; needs `resources.disk` for each build.",
    ),
})
  .refine((one) => Object.values(one).some((value) => value !== undefined), {
    error: must("a quota limits something", "add cpu, memory, pods or disk, or remove the key"),
  })
  .optional()
  .describe(
    "Limits for all pods together in each namespace in which builds run. A pod that does not fit waits. Without it, there is no quota.",
  );

/** The label of every node with its architecture. */
export const architectureLabel = "kubernetes.io/arch";
