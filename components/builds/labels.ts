/** The labels by which builds are listed, counted and stopped. */
import type { Branch, DnsLabel, RepositoryName } from "../names.ts";
import { branchSegment } from "../derived-names.ts";
import { buildLabel } from "./programs/labels.ts";

type BuildLabels = Readonly<
  Record<(typeof buildLabel)["project" | "repository" | "service" | "branch"], string>
>;

/** The labels of every Workflow of a repository's service. */
export function buildLabels(
  project: DnsLabel,
  { name, service }: { readonly name: RepositoryName; readonly service: RepositoryName },
  branch: Branch,
): BuildLabels {
  return {
    [buildLabel.project]: project,
    [buildLabel.repository]: labelValue(name),
    [buildLabel.service]: labelValue(service),
    [buildLabel.branch]: branchSegment(branch),
  };
}

/** The labels that each Workflow takes from its parameters; empty if the parameter is empty. */
export const labelsFrom = {
  [buildLabel.commit]: { expression: "workflow.parameters.commit" },
  [buildLabel.gitTag]: { expression: "workflow.parameters.tag" },
} as const;

/** A repository's name as the value of a label, which must begin and end with a letter or a digit. */
export function labelValue(name: RepositoryName): string {
  return name.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
