/** Policies for the dashboards, from the values of two charts: who gets in, how, and what their servers may do. */
import { at } from "../../components/builds/programs/json.ts";
import { fields, text, texts } from "../declared/fields.ts";
import type { Fields } from "../declared/fields.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import type { Policy } from "./policy.ts";
import { ofObjects, when } from "./policy.ts";

/** Returns what is wrong with the values of a chart. */
type ValuesCheck = (values: Fields) => readonly string[];

function ofCharts(wrong: Readonly<Record<"argo-cd" | "argo-workflows", ValuesCheck>>): Policy["find"] {
  return ofObjects(["Release"], ({ content }) => {
    // A release has the name of its chart, wherever the chart comes from.
    const name = text(content, "name");
    return name === "argo-cd" || name === "argo-workflows" ? wrong[name](fields(content, "values")) : [];
  });
}

/** The server may serve HTTP only behind an Ingress that terminates TLS. */
const plain = "serves plain HTTP on a port of every node";

/** Users have the rights of their groups, and only single sign-on logs them in. */
function argoCdWays(values: Fields): string[] {
  if (at(values, "configs", "cm", "oidc.config") === undefined) return [];
  const role = text(values, "configs", "rbac", "policy.default");
  return [
    ...when(at(values, "configs", "cm", "admin.enabled") !== false, "enables the user admin"),
    ...when(role !== "", `grants everybody ${role}`),
  ];
}

function workflowsWays(values: Fields): string[] {
  const modes = texts(values, "server", "authModes");
  const signsOn = modes.includes("sso");
  return [
    ...when(modes.includes("server"), "grants everybody the server's own rights"),
    ...when(signsOn && modes.length > 1, "allows other ways in than single sign-on"),
    ...when(
      signsOn && at(values, "server", "sso", "rbac", "enabled") !== true,
      "grants everybody who signs on the server's own rights",
    ),
  ];
}

const ruleKey = "workflows.argoproj.io/rbac-rule";

/** A rule without a group matches everybody. */
function openRules({ content }: DeclaredObject): string[] {
  const rule = fields(content, "metadata", "annotations")[ruleKey];
  return when(rule !== undefined && !text(rule).includes(" in groups"), `matches everybody: ${text(rule)}`);
}

export const dashboardPolicies: readonly Policy[] = [
  {
    name: "dashboard-by-tls",
    why: "Without TLS, a dashboard's passwords, tokens and cookies cross the network in plain text.",
    fix: "Use an Ingress with a certificate (`ingress.tlsSecret`), or let the server use its own.",
    find: ofCharts({
      "argo-cd": (values) =>
        when(
          text(values, "server", "service", "type") !== "ClusterIP" &&
            at(values, "configs", "params", "server.insecure") !== false,
          plain,
        ),
      "argo-workflows": (values) =>
        when(
          text(values, "server", "serviceType") !== "ClusterIP" && at(values, "server", "secure") !== true,
          plain,
        ),
    }),
  },
  {
    name: "closed-sign-on",
    why: "A second way to log in, or a role for everybody, bypasses the groups.",
    fix: "Set admin.enabled to false, an empty policy.default, sso as the only auth mode, and rbac.enabled.",
    find: (objects) => [
      ...ofCharts({ "argo-cd": argoCdWays, "argo-workflows": workflowsWays })(objects),
      ...ofObjects(["ServiceAccount"], openRules)(objects),
    ],
  },
  {
    name: "no-chart-roles",
    why: "The charts' own roles let the dashboards' servers read every Secret of the cluster.",
    fix: "Disable the charts' roles, and declare the rights that are needed (components/charts/argo-*-rights.ts).",
    find: ofCharts({
      "argo-cd": (values) =>
        when(at(values, "createClusterRoles") !== false, "creates the chart's cluster roles"),
      "argo-workflows": (values) =>
        when(at(values, "server", "rbac", "create") !== false, "creates the chart's cluster roles"),
    }),
  },
];
