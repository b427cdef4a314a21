/** The shape of a stack file, key by key: the source of the parser, of the JSON Schema and of docs/configuration.md. */
import { z } from "zod";
import { builderNamespaces } from "../builds/builders/builders.ts";
import { addonOptions, chartNamespaces } from "../charts/charts.ts";
import type { PartNamespace } from "../kinds/kubernetes.ts";
import { github } from "./github-schema.ts";
import * as names from "../names.ts";
import * as field from "../fields.ts";
import { name, must, strict } from "../checks.ts";
import { quota, sharedOptions } from "./build-schema.ts";
import { cluster } from "./cluster-schema.ts";
import { ingress, page } from "./dashboard-schema.ts";
import { webhookLimits } from "./webhook-limit-schema.ts";
import { delivery } from "./delivery-schema.ts";
import { monitoring } from "./monitoring-schema.ts";
import { network } from "./network-schema.ts";
import { mail } from "./notification-schema.ts";
import { builder, resources, tags } from "./project-schema.ts";
import { registries, registry } from "./registry-schema.ts";
import { signOn } from "./sign-on-schema.ts";
import { signing } from "./signing-schema.ts";

/** Trivy's severities, lowest first. */
export const severities = ["LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;

const replicasError = {
  error: must(
    "1, 3 or 5 pods: JetStream needs a majority, so an even number tolerates no more failures",
    "write 3",
  ),
};

/** Argo Events' stream reserves 1 GB (`maxBytes`). NATS lets streams use three quarters of a volume's free space. */
const busVolume = field.volumeSize.refine((size) => size !== "1Gi", {
  error: must("a volume with room for the stream, which reserves 1 GB: 2Gi or more", "write 5Gi"),
});

function namespaces<Key extends string>(all: Readonly<Record<Key, PartNamespace>>) {
  const fields = Object.entries<PartNamespace>(all).map(([key, one]) => [key, namespace(one)]);
  return Object.fromEntries(fields) as Record<Key, ReturnType<typeof namespace>>;
}

function namespace({ default: usual, holds }: PartNamespace) {
  return name(names.dnsLabel).prefault(usual).describe(`Namespace of ${holds}.`);
}

/** The top-level keys of a stack file, without the `argo-cicd:` prefix and without `projects` and `secrets`. */
export const topLevel = {
  cluster,
  branch: name(names.branch).describe(
    "Branch of the service repositories that is built, and of the cluster repositories.",
  ),
  github: github.prefault({}).describe("Where the repositories are."),
  registry: registry.describe("The registry of the images."),
  registries: registries
    .default({})
    .describe(
      "Other registries that builds pull from, by host: their logins, mirrors, and which of them speak plain HTTP.",
    ),
  network: network.prefault({}).describe("How the cluster reaches servers outside."),
  tags: tags.prefault({}),
  builds: strict({
    builder: builder.default("kaniko").describe("Default builder of all repositories."),
    resources: resources.prefault({}).describe("CPU, memory and disk of a build."),
    ...sharedOptions,
    timeLimit: field.timeLimit.prefault("1h").describe("Time after which a build is stopped."),
    atOnce: field
      .count("how many")
      .default(4)
      .describe("Builds that run at once in the whole stack; the others wait."),
    quota,
    gitTags: name(names.gitTagPattern)
      .optional()
      .describe("Git tags that are built too, e.g. v*: the image gets the tag's name. Without it, none."),
    cache: strict({
      enabled: z.boolean().default(true).describe("Keep layers in the registry for the next build."),
      repository: field.cacheRepository
        .default("{image}-cache")
        .describe(
          "Image repository of the layers; {image} is that of the built image. Without {image} in it, all services share one repository, and the Dockerfile of each can change what the others find there.",
        ),
      lifetime: field.seconds
        .prefault("14d")
        .describe("How long Kaniko uses a layer. BuildKit and the registry have rules of their own."),
    })
      .prefault({})
      .describe("The layer cache."),
    scan: strict({
      mode: z
        .enum(["off", "warn", "stop"])
        .default("off")
        .describe("warn reports what Trivy finds; stop also keeps such an image from being deployed."),
      severity: z
        .enum(severities)
        .default("HIGH")
        .describe("Lowest severity that counts, among the vulnerabilities that have a fix."),
    })
      .prefault({})
      .describe("The scan of each image for known vulnerabilities, before it is deployed."),
    signing,
    logs: strict({
      endpoint: name(names.registryHost).describe("Host and port of the object store."),
      bucket: field.bucket.describe("Bucket that holds the logs; it must exist."),
      region: field.text.optional().describe("Region, if the store requires one."),
      insecure: z.boolean().default(false).describe("The store speaks plain HTTP."),
      privateCa: z
        .boolean()
        .default(false)
        .describe(
          "The store's certificate is from an authority in `network.ca`; public ones are then not trusted.",
        ),
    })
      .optional()
      .describe(
        "Object store (S3) that keeps the logs of builds; needs `secrets.logs`. Without it, logs are deleted with their pods.",
      ),
    catchUp: strict({
      enabled: z
        .boolean()
        .default(true)
        .describe("Check regularly for pushes that have started no build, and start these builds."),
      every: field.period.prefault("10m").describe("How often this is checked."),
    })
      .prefault({})
      .describe("Builds of pushes whose delivery was lost: GitHub does not repeat a failed delivery."),
    keep: field.seconds
      .prefault("4d")
      .describe(
        "How long a finished Workflow is kept. A delivery that is redelivered in that time (GitHub offers that for three days) starts no second build.",
      ),
    keepSucceeded: field.seconds
      .optional()
      .describe(
        "How long a Workflow that has succeeded is kept; by default 1d, or `keep` if that is shorter. GitHub's statuses and Deployments stay.",
      ),
  })
    .prefault({})
    .describe("What all builds share."),
  webhooks: strict({
    ingress: ingress.prefault({}).describe("The Ingress of the webhook addresses."),
    limits: webhookLimits,
    keyVersion: z
      .int({ error: must("a whole number", "raise it by one to replace the key") })
      .min(1)
      .default(1)
      .describe("Raise it to replace the key that signs deliveries."),
  })
    .prefault({})
    .describe("What receives GitHub's deliveries."),
  eventBus: strict({
    replicas: z
      .int(replicasError)
      .min(1, replicasError)
      .max(5, replicasError)
      .refine((replicas) => replicas % 2 === 1, replicasError)
      .default(3)
      .describe("JetStream pods: 1, 3 or 5."),
    volumeSize: busVolume.default("5Gi").describe("Volume of each pod; cannot be changed later."),
  })
    .prefault({})
    .describe("The EventBus, which keeps deliveries until a build has started."),
  delivery,
  mail,
  argocd: strict(page("Argo CD"))
    .prefault({})
    .describe(
      "Access to Argo CD from outside the cluster. Without ingress and nodePort, use kubectl port-forward.",
    ),
  workflows: strict(page("Argo Workflows"))
    .prefault({})
    .describe(
      "Access to Argo Workflows' user interface from outside the cluster. Without ingress and nodePort, use kubectl port-forward.",
    ),
  signOn,
  monitoring,
  addons: strict(addonOptions)
    .prefault({})
    .describe("Optional parts, which some clusters have already. Each is off by default."),
  namespaces: strict(namespaces({ ...chartNamespaces, ...builderNamespaces }))
    .prefault({})
    .describe("Names of the namespaces."),
} as const;

export type TopLevel = { readonly [Key in keyof typeof topLevel]: z.output<(typeof topLevel)[Key]> };
