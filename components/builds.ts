import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { images } from "./charts.ts";
import { reportResults } from "./manifests/roles.ts";
import type { BuiltRepository } from "./manifests/types/build.ts";
import { workflowTemplate } from "./manifests/workflow-template.ts";
import type { Branch, DnsLabel } from "./names.ts";
import { label } from "./names.ts";
import { WorkflowTemplate } from "./resources/argo.ts";

export interface BuildsArgs {
  /** The namespaces in which a repository is built. */
  readonly namespaces: readonly DnsLabel[];
  readonly projects: readonly BuiltProject[];
  readonly pullSecret: DnsLabel | undefined;
  readonly insecureRegistry: string | undefined;
  /** Seconds that a finished Workflow is kept. */
  readonly keep: number;
}

export interface BuiltProject {
  readonly name: DnsLabel;
  readonly branch: Branch;
  readonly buildSecret: DnsLabel;
  readonly repositories: readonly (BuiltRepository & {
    readonly object: DnsLabel;
    readonly namespace: DnsLabel;
  })[];
}

type Child = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

const account = label("build");
const scripts = label("build-scripts");

/** What builds run with, and a WorkflowTemplate for each repository. */
export class Builds extends pulumi.ComponentResource {
  constructor(name: string, args: BuildsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Builds", name, {}, opts);
    const child = { parent: this };
    for (const namespace of args.namespaces) {
      buildAccount(namespace, child);
      buildScripts(namespace, child);
    }
    for (const project of args.projects) buildTemplates(project, args, child);
    this.registerOutputs({});
  }
}

/** The account of build pods, which may report a step's result and nothing else. */
function buildAccount(namespace: DnsLabel, opts: Child): void {
  const name = `${namespace}/${account}`;
  const metadata = { name: account, namespace };
  new k8s.core.v1.ServiceAccount(name, { metadata }, opts);
  new k8s.rbac.v1.Role(name, { metadata, rules: reportResults }, opts);
  new k8s.rbac.v1.RoleBinding(
    name,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: account },
      subjects: [{ kind: "ServiceAccount", name: account, namespace }],
    },
    opts,
  );
}

/** The scripts that build steps run, as files that are tested by running them. */
function buildScripts(namespace: DnsLabel, opts: Child): void {
  const data = { "checkout.sh": readFileSync(new URL("scripts/checkout.sh", import.meta.url), "utf8") };
  new k8s.core.v1.ConfigMap(
    `${namespace}/${scripts}`,
    { metadata: { name: scripts, namespace }, data },
    opts,
  );
}

function buildTemplates(project: BuiltProject, args: BuildsArgs, opts: Child): void {
  const { pullSecret, insecureRegistry, keep } = args;
  const { branch, buildSecret } = project;
  for (const repository of project.repositories) {
    const { object: name, namespace } = repository;
    const spec = workflowTemplate({
      project: project.name,
      branch,
      repository,
      serviceAccount: account,
      scripts,
      buildSecret,
      pullSecret,
      insecureRegistry,
      images,
      keep,
    });
    new WorkflowTemplate(name, { metadata: { name, namespace }, spec }, opts);
  }
}
