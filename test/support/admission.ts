/** An API server on which admission policies alone decide what an account may write. */
import assert from "node:assert/strict";
import type { AdmissionPolicy } from "../../components/kinds/admission.ts";
import { bindingSpec, policySpec } from "../../components/kinds/admission.ts";
import type { ApiServer } from "./api-server.ts";
import { ApiError } from "./cluster-api.ts";

/** Grants all accounts everything: their Roles are tested elsewhere, and here only the policies may refuse. */
export async function letEverything({ api }: ApiServer): Promise<void> {
  const name = "everything";
  const group = "rbac.authorization.k8s.io";
  const rules = [{ apiGroups: ["argoproj.io", ""], resources: ["*"], verbs: ["*"] }];
  await api.apply({ apiVersion: `${group}/v1`, kind: "ClusterRole", metadata: { name }, rules });
  await api.apply({
    apiVersion: `${group}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: group, kind: "ClusterRole", name },
    subjects: [{ kind: "Group", apiGroup: group, name: "system:serviceaccounts" }],
  });
}

/** Declares a policy and its binding as the program does. */
export async function declare({ api }: ApiServer, limit: AdmissionPolicy): Promise<void> {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: limit.name };
  const kind = "ValidatingAdmissionPolicy";
  await api.apply({ apiVersion, kind, metadata, spec: policySpec(limit) });
  await api.apply({ apiVersion, kind: `${kind}Binding`, metadata, spec: bindingSpec(limit) });
}

/** The caller: an account, and the pod that its token is bound to. */
export function who(as?: string, pod?: string) {
  return { ...(as === undefined ? {} : { as }), ...(pod === undefined ? {} : { pod }) };
}

/** A patch that notes pending reports to GitHub on a Workflow, or removes the notes. */
export function unreported(value: string | null, ...kinds: readonly ("status" | "deployment")[]) {
  const annotations = Object.fromEntries(kinds.map((kind) => [`argo-cicd/unreported-${kind}`, value]));
  return { metadata: { labels: { "argo-cicd/unreported": value }, annotations } };
}

/** Asserts that all calls are refused for the same reason. */
export async function allRefused(calls: readonly Promise<unknown>[], reason: RegExp): Promise<void> {
  for (const message of await Promise.all(calls.map(refusal))) assert.match(message, reason);
}

/** The API server's reason to refuse the call; empty if it accepts it. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "";
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}
