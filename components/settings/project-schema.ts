/** The shape of `projects.<name>` in a stack file. */
import { z } from "zod";
import { bytesOf } from "../builds/builders/quantities.ts";
import { buildOptions } from "../builds/builders/options.ts";
import type { BuilderName } from "../builds/builders/builders.ts";
import { builders } from "../builds/builders/builders.ts";
import * as names from "../names.ts";
import { webhookUrl } from "../addresses.ts";
import * as field from "../fields.ts";
import { application } from "./application-schema.ts";
import { ownOptions } from "./build-schema.ts";
import { name, must, strict } from "../checks.ts";
import { notifications } from "./notification-schema.ts";
import { clusterKinds } from "./cluster-kinds-schema.ts";

/** A container with a few Mi does not start, and no builder works with less than this. */
const minMemory = "64Mi";
const buildMemory = field.bytes.refine((text) => bytesOf(text) >= bytesOf(minMemory), {
  error: must(`memory with which a builder can start: ${minMemory} or more`, "write it like 2Gi"),
});

/** The checkout and the base image need this before the build begins. */
const minDisk = "512Mi";
const buildDisk = field.bytes.refine((text) => bytesOf(text) >= bytesOf(minDisk), {
  error: must(`disk with room for a checkout and a base image: ${minDisk} or more`, "write it like 20Gi"),
});

/**
 * Each path once, in each Unicode form in which git may list it: macOS decomposes the letters of a name (NFD), and
 * editors compose them (NFC).
 */
function inAllForms(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => [path, path.normalize("NFC"), path.normalize("NFD")]))];
}

export const resources = strict({
  cpu: field.cpu.default("1").describe("CPU requested for a build."),
  memory: buildMemory.default("2Gi").describe("Memory of a build, as request and limit."),
  disk: buildDisk
    .optional()
    .describe(
      "Disk of the node for everything that a build writes, including the checkout, as request and limit. Without it, what the node has.",
    ),
});

/** A missing key is inherited from the stack. */
const ownResources = strict({
  cpu: field.cpu.optional().describe("CPU requested for this build instead of the stack's."),
  memory: buildMemory.optional().describe("Memory of this build instead of the stack's."),
  disk: buildDisk.optional().describe("Disk of this build instead of the stack's."),
});

export const tags = strict({
  commit: name(names.tagTemplate)
    .prefault("{branch}-{sha7}")
    .describe("Tag of a single commit; must contain {sha7}."),
  moving: z
    .tuple([name(names.tagTemplate)], name(names.tagTemplate))
    .prefault(["{branch}"])
    .describe("Tags that move to the newest image. The first one is what the Image Updater follows."),
}).describe("Tags of every image. {branch} and {sha7} (first seven characters of the commit) are filled in.");

/** A missing key is inherited from `whole`. */
function ownTags(whole: string) {
  return strict({
    commit: name(names.tagTemplate).optional().describe(`Tag of a single commit, instead of ${whole}'s.`),
    moving: z
      .tuple([name(names.tagTemplate)], name(names.tagTemplate))
      .optional()
      .describe(`Tags that move to the newest image, instead of ${whole}'s.`),
  }).optional();
}

export const builder = z.enum(Object.keys(builders) as [BuilderName, ...BuilderName[]]);

const repositoryObject = strict({
  name: name(names.repositoryName).describe("Repository on GitHub, without its owner."),
  service: name(names.repositoryName)
    .optional()
    .describe(
      "Name of this image and its objects, where a repository holds several services: each has an entry of its own. Without it, the repository's name.",
    ),
  image: name(names.imageRepository)
    .optional()
    .describe(
      "Name of the image after its namespace; without it, the service's name in lower case. Needed where that is not a valid image name.",
    ),
  paths: z
    .array(field.partOfRepository)
    .transform(inAllForms)
    .prefault([])
    .describe(
      "Folders and files that matter: a push that changes nothing under them starts no build. Without it, every push does.",
    ),
  ...buildOptions,
  submodules: z.boolean().default(false).describe("Check out submodules too."),
  lfs: z
    .boolean()
    .optional()
    .describe(
      "true fetches the files of Git LFS in the context; false builds with their pointers. Without it, a pointer in the context is an error.",
    ),
  cache: z.boolean().default(true).describe("Use the layer cache, if the stack has one."),
  tags: ownTags("the project").describe(
    "Tags of this repository's image, where they differ from the project's.",
  ),
  resources: ownResources
    .optional()
    .describe("CPU, memory and disk of this build, where they differ from the stack's."),
  timeLimit: field.timeLimit
    .optional()
    .describe("Time after which this build is stopped, instead of the stack's."),
  signing: z
    .boolean()
    .optional()
    .describe("Whether to sign this image, with an SBOM and its provenance, instead of the stack's setting."),
  ...ownOptions,
  otherBranches: z
    .boolean()
    .default(true)
    .describe("Build the project's `otherBranches` of this repository too, if the project has any."),
  builder: builder.optional().describe("Builder of this repository instead of the stack's."),
  pin: name(names.commit)
    .optional()
    .describe(
      "Keeps the image of this commit deployed: builds continue, but are not deployed. Without it, the newest image is deployed.",
    ),
});

/** A repository is written as its name alone, or as an object with other keys. */
export const repository = z.preprocess(
  (value) => (typeof value === "string" ? { name: value } : value),
  repositoryObject,
);

/** One project: repositories of one owner that are built, and the applications that run them. */
export const project = strict({
  owner: name(names.owner).describe("GitHub user or organization of the repositories."),
  branch: name(names.branch).optional().describe("Branch that is built, instead of the stack's."),
  otherBranches: z
    .array(name(names.branchPattern))
    .refine((all) => new Set(all).size === all.length, {
      error: must("a pattern may occur only once", "remove one of the two"),
    })
    .default([])
    .describe(
      "Further branches whose pushes are built, e.g. feature/*, where `*` is any run of characters without `/`: an image under a tag of its own, which is neither signed nor deployed.",
    ),
  tags: ownTags("the stack").describe("Tags of the project's images, where they differ from the stack's."),
  webhook: strict({
    url: webhookUrl.describe(
      "Address that GitHub sends pushes to. Its path is that of the Ingress; no two projects share one.",
    ),
    port: field.podPort
      .optional()
      .describe(
        "Port of the EventSource's pods for these deliveries. Without it, derived from the project's name.",
      ),
    nodePort: field.nodePort
      .optional()
      .describe("Serve the webhook on this port of every node instead of through the Ingress."),
    organization: z
      .boolean()
      .default(false)
      .describe(
        "One webhook of the organization, instead of one for each repository. The owner must be an organization, not a user.",
      ),
  }).describe("Where the project's deliveries arrive."),
  imageNamespace: name(names.imageNamespace)
    .optional()
    .describe("Image namespace instead of the registry's."),
  secret: strict({
    name: name(names.dnsSubdomain).describe("Secret in the namespaces of the project's applications."),
    keys: z
      .array(name(names.variableName))
      .min(1, { error: must("at least one key", "add a key, or remove `secret`") })
      .describe("Its keys. Each value is set at `secrets.projects.<project>.<key>`."),
  })
    .optional()
    .describe("The keys that the project's services read."),
  private: z
    .boolean()
    .default(false)
    .describe(
      "The repositories cannot be read without a token: that of the GitHub App, or `secrets.cloneTokens.<project>`, fine-grained, 'Contents: read'.",
    ),
  buildSecret: name(names.dnsSubdomain)
    .optional()
    .describe("Secret with the keys that builds use, in their namespaces; without it, `<project>-build`."),
  repositories: z.array(repository).default([]).describe("Repositories that are built on each push."),
  applications: z.array(application).default([]).describe("Applications of Argo CD."),
  notifications: notifications
    .optional()
    .describe("Who is notified of builds and deployments; without it, nobody."),
  clusterKinds,
});

export type Project = z.output<typeof project>;
export type Repository = Project["repositories"][number];
export type Tags = z.output<typeof tags>;
