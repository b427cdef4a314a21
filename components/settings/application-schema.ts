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
      "Files of values, relative to the chart, the last of which counts most; without them, its own.",
    ),
  image: field.helmParameter.describe("Value that holds an image without its tag; {service} is filled in."),
  tag: field.helmParameter.describe("Value that holds its tag; {service} is filled in."),
});

const chart = strict({
  repository: field.chartRepository.describe(
    "Repository of the chart, by HTTPS or OCI; read without a login.",
  ),
  name: field.chartName.describe("Name of the chart."),
  version: field.chartVersion.describe("The one version."),
});

export const application = strict({
  name: name(names.dnsLabel).describe("Application in Argo CD."),
  repository: name(names.repositoryName).describe("Cluster repository that holds the manifests."),
  access: z
    .enum(["public", "token", "deployKey"])
    .default("public")
    .describe(
      "How the cluster repository is read: by everybody, with a token, or with a deploy key (SSH). The value is `secrets.clusterRepositories.<repository>`.",
    ),
  path: field.repositoryPath.describe("Folder of the manifests; with `chart`, of its files of values."),
  chart: chart
    .optional()
    .describe(
      "A chart from a Helm repository, whose values are in the cluster repository (`helm.valueFiles`).",
    ),
  helm: helm
    .optional()
    .describe(
      "For a chart of Helm: which values are used, and which hold the images. Without it, they are those of a kustomization.",
    ),
  revision: name(names.branch)
    .optional()
    .describe("Branch of the cluster repository; without it, the project's branch."),
  namespace: name(names.dnsLabel).prefault("default").describe("Namespace that the manifests go to."),
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
      "Where the Image Updater writes the new image: into the Application, or by a commit into the cluster repository, which takes a token or deploy key that may write, or by a pull request there, which takes a token.",
    ),
  ignoreDifferences: z
    .array(ignoredDifference)
    .default([])
    .describe("Fields of objects that others may change: Argo CD does not set them back."),
  syncOptions: z.array(syncOption).default([]).describe("Options of Argo CD for every sync."),
  syncWindows: z
    .array(syncWindow)
    .default([])
    .describe("When Argo CD may sync, or may not. A build does not wait for a window."),
  url: httpUrl.optional().describe("Address of what runs, for the Deployments on GitHub."),
  onRemoval: z
    .enum(["keep", "delete"])
    .default("keep")
    .describe("What becomes of its objects in the cluster when the application is removed from this file."),
});

export type Application = z.output<typeof application>;
