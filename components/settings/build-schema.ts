/** The keys of builds that a stack sets for all of them, and a repository for its own. */
import { z } from "zod";
import { argument, bytes, count, cpu } from "../fields.ts";
import { says, strict } from "../checks.ts";
import { host, longestHost } from "../hosts.ts";

/** A key of a label or an annotation: a name, after a host name and a `/` where it is no key of one's own. */
export const labelKey = z
  .string()
  .regex(
    new RegExp(
      String.raw`^((?=[^\/]{1,${longestHost.toString()}}\/)${host}\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`,
    ),
    {
      error: says("the key of a label or an annotation of Kubernetes", "write it like example.com/pool"),
    },
  );

const labelError = {
  error: says(
    "the value of a label of Kubernetes: at most 63 letters, digits, '.', '_' and '-', in quotes where YAML takes it for something else",
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
    error: says("with the operator Exists a toleration has no value", "remove value, or write Equal"),
  })
  .refine(({ operator, key }) => operator === "Exists" || key !== undefined, {
    error: says("a toleration of a value has a key", "add key, or write operator: Exists"),
  });

/** Labels of an object of Kubernetes. */
export const labels = z.record(labelKey, labelValue);
const tolerations = z.array(toleration);

/** Those of nodes, as Kubernetes names them. */
export const architectures = ["amd64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** One architecture is its name alone, or a list of one. */
export const architecture = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  z
    .array(z.enum(architectures))
    .min(1, { error: says("at least one architecture", "name one, or remove the key") })
    .refine((all) => new Set(all).size === all.length, {
      error: says("an architecture may occur only once", "remove one of the two"),
    }),
);

const builderFlags = z.array(
  argument.regex(/^--[A-Za-z][A-Za-z0-9-]*(=[^]*)?$/, {
    error: says(
      "a flag with two dashes, and its value after a =",
      "write it like --single-snapshot or --compression=zstd",
    ),
  }),
);

/** Of `builds`. */
export const sharedOptions = {
  nodeSelector: labels
    .default({})
    .describe("Labels of the nodes on which the build step runs, which is the one that runs Dockerfiles."),
  tolerations: tolerations.default([]).describe("Taints of nodes that the build step tolerates."),
  architecture: architecture
    .optional()
    .describe(
      "Architecture of the nodes of the build step, and so of the images; with a list of several, each image is an index with one image per architecture. Without it, that of whichever node runs the build.",
    ),
  builderFlags: builderFlags
    .default([])
    .describe(
      "More flags of `builder`, one after the other, for the repositories that it builds. The placeholders of `args` are filled in.",
    ),
  pullRequests: z
    .boolean()
    .default(false)
    .describe(
      "Build pull requests into the branch from branches of the same repository, and again on the comment `/retest`: an image under a tag of its own, which is neither signed nor deployed.",
    ),
} as const;

/** Of a repository. */
export const ownOptions = {
  nodeSelector: labels
    .optional()
    .describe("Labels of the nodes on which this build step runs, instead of the stack's; {} for none."),
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
    .describe("More flags of this repository's builder, instead of the stack's; [] for none."),
  pullRequests: z
    .boolean()
    .optional()
    .describe("Whether to build this repository's pull requests, instead of the stack's setting."),
} as const;

export const quota = strict({
  cpu: cpu.optional().describe("CPU that their containers request, together."),
  memory: bytes.optional().describe("Memory that their containers may use, by their limits, together."),
  pods: count("how many").optional().describe("Pods at once; a build has two."),
  disk: bytes
    .optional()
    .describe("Disk of nodes that their containers request, together; needs `resources.disk` of each build."),
})
  .refine((one) => Object.values(one).some((value) => value !== undefined), {
    error: says("a quota limits something", "add cpu, memory, pods or disk, or remove the key"),
  })
  .optional()
  .describe(
    "Limits of all pods in each namespace in which builds run. What does not fit waits. Without it, there is none.",
  );

export type Toleration = z.output<typeof toleration>;

/** The label that every node has of its architecture. */
export const architectureLabel = "kubernetes.io/arch";
