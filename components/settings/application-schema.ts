/** The shape of `projects.<name>.applications[]` in a stack file. */
import { z } from "zod";
import * as names from "../names.ts";
import { httpUrl } from "../addresses.ts";
import * as field from "../fields.ts";
import { name, strict } from "../checks.ts";
import { ignoredDifference, syncOption, syncWindow } from "./sync-schema.ts";

const helm = strict({
  valueFiles: z
    .array(field.repositoryPath)
    .default([])
    .describe(
      "Values files, relative to the chart; later ones override earlier ones. Without it, the chart's own.",
    ),
  image: field.helmParameter.describe("Value that holds an image without its tag; {service} is filled in."),
  tag: field.helmParameter.describe("Value that holds its tag; {service} is filled in."),
});

const chart = strict({
  repository: field.chartRepository.describe(
    "Repository of the chart, over HTTPS or OCI; read without a login.",
  ),
  name: field.chartName.describe("Name of the chart."),
  version: field.chartVersion.describe("Exact version of the chart."),
});

export const application = strict({
  name: name(names.dnsLabel).describe("Name of the Application in Argo CD."),
  repository: name(names.repositoryName).describe("Cluster repository that holds the manifests."),
  access: z
    .enum(["public", "token", "deployKey"])
    .default("public")
    .describe(
      "How the cluster repository is read: without a login, with a token, or with a deploy key (SSH). The token or key is `secrets.clusterRepositories.<repository>`.",
    ),
  path: field.repositoryPath.describe("Folder of the manifests; with `chart`, of its values files."),
  chart: chart
    .optional()
    .describe(
      "A chart from a Helm repository, whose values are in the cluster repository (`helm.valueFiles`).",
    ),
  helm: helm
    .optional()
    .describe(
      "For a Helm chart: which values are used, and which hold the images. Without it, images are those of a kustomization.",
    ),
  revision: name(names.branch)
    .optional()
    .describe("Branch of the cluster repository; without it, the project's branch."),
  namespace: name(names.dnsLabel)
    .prefault("default")
    .describe("Namespace that the manifests are applied to."),
  images: z
    .array(name(names.repositoryName))
    .optional()
    .describe(
      "Repositories whose images the Image Updater follows here; without it, all of the project's. [] for none, and for plain manifests, which it cannot change.",
    ),
  writeBack: z
    .enum(["argocd", "git", "pullRequest"])
    .default("argocd")
    .describe(
      "Where the Image Updater writes the new image: into the Application; by a commit to the cluster repository, which needs a token or deploy key with write access; or by a pull request there, which needs a token.",
    ),
  ignoreDifferences: z
    .array(ignoredDifference)
    .default([])
    .describe("Fields of objects that others may change: Argo CD does not revert them."),
  syncOptions: z.array(syncOption).default([]).describe("Argo CD's options for every sync."),
  syncWindows: z
    .array(syncWindow)
    .default([])
    .describe("When Argo CD may or may not sync. A build does not wait for a window."),
  url: httpUrl.optional().describe("Address of the running application, for the Deployments on GitHub."),
  onRemoval: z
    .enum(["keep", "delete"])
    .default("keep")
    .describe("What happens to its objects in the cluster when the application is removed from this file."),
});

export type Application = z.output<typeof application>;
