import { readdirSync, readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { images } from "./charts.ts";
import { logRepository } from "./manifests/log-repository.ts";
import type { LogStore } from "./manifests/log-repository.ts";
import type { PolicyRule } from "./manifests/roles.ts";
import { followApplications, reportResults, stopBuilds } from "./manifests/roles.ts";
import type { BuildEnvironment, BuiltRepository } from "./manifests/types/build.ts";
import { workflowTemplate } from "./manifests/workflow-template.ts";
import type { Branch, DnsLabel } from "./names.ts";
import { label } from "./names.ts";
import { WorkflowTemplate } from "./resources/argo.ts";

export interface BuildsArgs extends Pick<
  BuildEnvironment,
  "pullSecret" | "insecureRegistry" | "scan" | "statuses" | "updater" | "live" | "keep"
> {
  /** The namespaces in which a repository is built. */
  readonly namespaces: readonly DnsLabel[];
  readonly projects: readonly BuiltProject[];
  /** How many builds run at once in all of them, and the namespace that counts them. */
  readonly limit: { readonly namespace: DnsLabel; readonly atOnce: number };
  readonly logs: LogStore | undefined;
  /** The key of the Image Updater's webhook. */
  readonly updaterKey: pulumi.Input<string>;
  /** The Applications that follow an image, those of them that have it by a commit, and their namespace. */
  readonly applications: {
    readonly namespace: DnsLabel;
    readonly names: readonly DnsLabel[];
    readonly byCommit: readonly DnsLabel[];
  };
  /** What the one who runs a preview or an update should know. */
  readonly warnings: readonly string[];
}

export interface BuiltProject {
  readonly name: DnsLabel;
  readonly branch: Branch;
  readonly buildSecret: DnsLabel;
  readonly cloneSecret: DnsLabel | undefined;
  readonly repositories: readonly (BuiltRepository & { readonly namespace: DnsLabel })[];
}

type Child = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

const reporter = label("build");
const controller = label("build-control");
const watcher = label("build-live");
const scripts = label("build-scripts");
const limits = label("build-limits");
const logs = label("build-logs");

/** What builds run with, and a WorkflowTemplate for each repository's service. */
export class Builds extends pulumi.ComponentResource {
  constructor(name: string, args: BuildsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Builds", name, {}, opts);
    const child = { parent: this };
    for (const namespace of args.namespaces) {
      account(reporter, namespace, reportResults, child);
      account(controller, namespace, [...reportResults, ...stopBuilds], child);
      config(scripts, namespace, scriptFiles(), child);
      updaterKey(args, namespace, child);
      if (args.logs !== undefined) config(logs, namespace, logRepository(args.logs), child);
    }
    if (args.live !== undefined) watchers(args, child);
    config(limits, args.limit.namespace, { builds: args.limit.atOnce.toString() }, child);
    for (const warning of args.warnings) void pulumi.log.warn(warning, this);
    for (const project of args.projects) buildTemplates(project, args, child);
    this.registerOutputs({});
  }
}

/** An account of build pods, which may do what the rules say and nothing else. */
function account(name: DnsLabel, namespace: DnsLabel, rules: PolicyRule[], opts: Child): void {
  const metadata = { name, namespace };
  const urn = `${namespace}/${name}`;
  new k8s.core.v1.ServiceAccount(urn, { metadata }, opts);
  new k8s.rbac.v1.Role(urn, { metadata, rules }, opts);
  new k8s.rbac.v1.RoleBinding(
    urn,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
    opts,
  );
}

/** An account for waiting until an Application is live: its rights are where those are. */
function watchers({ namespaces, applications }: BuildsArgs, opts: Child): void {
  for (const one of namespaces) account(watcher, one, reportResults, opts);
  const { namespace, names, byCommit } = applications;
  const metadata = { name: watcher, namespace };
  const urn = `${namespace}/${watcher}`;
  new k8s.rbac.v1.Role(urn, { metadata, rules: followApplications(names, byCommit) }, opts);
  new k8s.rbac.v1.RoleBinding(
    urn,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: watcher },
      subjects: namespaces.map((one) => ({ kind: "ServiceAccount", name: watcher, namespace: one })),
    },
    opts,
  );
}

function updaterKey({ updater, updaterKey: token }: BuildsArgs, namespace: DnsLabel, opts: Child): void {
  const metadata = { name: updater.secret, namespace };
  new k8s.core.v1.Secret(`${namespace}/${updater.secret}`, { metadata, stringData: { token } }, opts);
}

function config(name: DnsLabel, namespace: DnsLabel, data: Record<string, string>, opts: Child): void {
  new k8s.core.v1.ConfigMap(`${namespace}/${name}`, { metadata: { name, namespace }, data }, opts);
}

/** The scripts that build steps run, as files that are tested by running them. */
function scriptFiles(): Record<string, string> {
  const folder = new URL("scripts/", import.meta.url);
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((file) => [file, readFileSync(new URL(file, folder), "utf8")]),
  );
}

function buildTemplates(project: BuiltProject, args: BuildsArgs, opts: Child): void {
  const { name, repositories, ...rest } = project;
  const environment = {
    ...args,
    images,
    scripts,
    accounts: { report: reporter, control: controller, live: watcher },
    limit: { namespace: args.limit.namespace, name: limits, key: "builds" },
    logs: args.logs === undefined ? undefined : logs,
  };
  for (const repository of repositories) {
    const { object, namespace } = repository;
    const spec = workflowTemplate({ ...environment, ...rest, project: name, repository });
    new WorkflowTemplate(object, { metadata: { name: object, namespace }, spec }, opts);
  }
}
