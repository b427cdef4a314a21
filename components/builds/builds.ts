import { readdirSync, readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { grant } from "../kinds/grant.ts";
import { createAdmissionPolicy } from "../kinds/admission-policy.ts";
import type { PolicyRule } from "../kinds/kubernetes.ts";
import type { Child } from "../kinds/resources.ts";
import { CronWorkflow, WorkflowTemplate } from "../kinds/resources.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import { catchUp as catchUpName, updaterSecret } from "../derived-names.ts";
import type { BuildsArgs, ConfigArgs } from "./args.ts";
import { accounts, configMaps } from "./build.ts";
import { buildPolicies } from "./admission.ts";
import type { CatchUp } from "./catch-up.ts";
import { catchUpSchedule, catchUpTemplate } from "./catch-up.ts";
import { buildsKey } from "./catch-up-files.ts";
import type { FollowedApplications } from "./delivered-args.ts";
import type { Quota } from "./builders/needs.ts";
import { writeBuilds } from "./programs/declared.ts";
import { limitRangeSpec, quotaSpec } from "./quota.ts";
import { catchUpBuilds, followApplications, noteUnreported, reportResults, stopBuilds } from "./roles.ts";

/** Inputs from other components. */
export interface BuildsInputs {
  /** The key of the Image Updater's webhook. */
  readonly updaterKey: pulumi.Output<string> | undefined;
}

/** A WorkflowTemplate for each repository's service, and the resources that builds need. */
export class Builds extends pulumi.ComponentResource {
  constructor(name: string, args: BuildsArgs & BuildsInputs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Builds", name, {}, opts);
    const child = { parent: this };
    const { namespaces, templates, quota, configs, followed, catchUp, admissionPolicies, warnings } = args;
    for (const namespace of namespaces) {
      account(accounts.report, namespace, reportResults, child);
      account(accounts.control, namespace, [...reportResults, ...stopBuilds], child);
      config({ name: configMaps.programs, namespace, data: programs() }, child);
      updaterKey(args, namespace, child);
      if (quota !== undefined) limitPods(quota, namespace, child);
    }
    if (followed !== undefined) watchers(namespaces, followed, child);
    for (const one of configs) config(one, child);
    const policies = admissionPolicies ? buildPolicies(namespaces, followed, catchUp !== undefined) : [];
    for (const one of policies) createAdmissionPolicy(one, child);
    for (const warning of warnings) void pulumi.log.warn(warning, this);
    for (const { name: own, namespace, spec } of templates)
      new WorkflowTemplate(own, { metadata: { name: own, namespace }, spec }, child);
    if (catchUp !== undefined) catchUpLostPushes(catchUp, args, child);
    this.registerOutputs({});
  }
}

/** A service account of build pods with exactly these permissions. */
function account(name: DnsLabel, namespace: DnsLabel, rules: PolicyRule[], opts: Child): void {
  const logicalName = `${namespace}/${name}`;
  new k8s.core.v1.ServiceAccount(logicalName, { metadata: { name, namespace } }, opts);
  grant(logicalName, { name, namespace, rules, accounts: [{ name, namespace }] }, opts);
}

/** The service accounts that wait for Applications. Their permissions are in the namespace of the Applications. */
function watchers(namespaces: readonly DnsLabel[], followed: FollowedApplications, opts: Child): void {
  const { live: name } = accounts;
  const { namespace, names, byCommit, areReported } = followed;
  const own = areReported ? [...reportResults, ...noteUnreported] : reportResults;
  for (const one of namespaces) account(name, one, own, opts);
  const rules = followApplications(names, byCommit);
  const everywhere = namespaces.map((one) => ({ name, namespace: one }));
  grant(`${namespace}/${name}`, { name, namespace, rules, accounts: everywhere }, opts);
}

/** The service account may start builds in every namespace of builds, reports results in its own, and reads Applications. */
function catchUpLostPushes(
  args: CatchUp,
  { namespaces, followed }: Pick<BuildsArgs, "namespaces" | "followed">,
  opts: Child,
): void {
  const { namespace, builds } = args;
  const name = catchUpName;
  const own = [{ name: accounts.catchUp, namespace }];
  account(accounts.catchUp, namespace, [...reportResults, ...catchUpBuilds], opts);
  for (const other of namespaces.filter((one) => one !== namespace)) {
    grant(`${other}/${name}`, { name, namespace: other, rules: catchUpBuilds, accounts: own }, opts);
  }
  if (followed !== undefined) {
    const rules = followApplications(followed.names, []);
    const granted = { name, namespace: followed.namespace, rules, accounts: own };
    grant(`${followed.namespace}/${name}`, granted, opts);
  }
  const data = { [buildsKey]: writeBuilds(builds) };
  config({ name: configMaps.catchUp, namespace, data }, opts);
  const metadata = { name, namespace };
  const logicalName = `${namespace}/${name}`;
  const template = new WorkflowTemplate(logicalName, { metadata, spec: catchUpTemplate(args) }, opts);
  new CronWorkflow(logicalName, { metadata, spec: catchUpSchedule(args) }, { ...opts, dependsOn: template });
}

/** The defaults come first: without them, the quota refuses pods with a container that requests nothing. */
function limitPods(quota: Quota, namespace: DnsLabel, opts: Child): void {
  const metadata = { name: dnsLabelOf("builds"), namespace };
  const logicalName = `${namespace}/${metadata.name}`;
  const defaults = new k8s.core.v1.LimitRange(logicalName, { metadata, spec: limitRangeSpec(quota) }, opts);
  new k8s.core.v1.ResourceQuota(
    logicalName,
    { metadata, spec: quotaSpec(quota) },
    { ...opts, dependsOn: defaults },
  );
}

function updaterKey({ updaterKey: token }: BuildsInputs, namespace: DnsLabel, opts: Child): void {
  if (token === undefined) throw new Error("the Image Updater's webhook has no key");
  const metadata = { name: updaterSecret, namespace };
  new k8s.core.v1.Secret(`${namespace}/${updaterSecret}`, { metadata, stringData: { token } }, opts);
}

function config({ name, namespace, data }: ConfigArgs, opts: Child): void {
  const metadata = { name, namespace };
  new k8s.core.v1.ConfigMap(`${namespace}/${name}`, { metadata, data: { ...data } }, opts);
}

/** The programs of build steps, as files so that tests can run them. */
function programs(): Record<string, string> {
  const folder = new URL("programs/", import.meta.url);
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((file) => [file, readFileSync(new URL(file, folder), "utf8")]),
  );
}
