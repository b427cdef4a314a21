/** The dashboards: who gets in, by which way, and what their programs may do. All of it is in the values of two charts. */
import { at } from "../../components/builds/programs/json.ts";
import { fields, text, texts } from "../declared/fields.ts";
import type { Fields } from "../declared/fields.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import type { Policy } from "./policy.ts";
import { ofObjects, when } from "./policy.ts";

/** What is wrong with the values of a chart. */
type Values = (values: Fields) => readonly string[];

function ofCharts(wrong: Readonly<Record<"argo-cd" | "argo-workflows", Values>>): Policy["find"] {
  return ofObjects(["Release"], ({ content }) => {
    // The name of its chart, wherever that comes from.
    const name = text(content, "name");
    return name === "argo-cd" || name === "argo-workflows" ? wrong[name](fields(content, "values")) : [];
  });
}

/** The server serves HTTP only where an Ingress ends TLS. */
const plain = "serves plain HTTP on a port of every node";

/** Whoever signs on has the rights of his groups, and nobody comes in otherwise. */
function argoCdWays(values: Fields): string[] {
  if (at(values, "configs", "cm", "oidc.config") === undefined) return [];
  const role = text(values, "configs", "rbac", "policy.default");
  return [
    ...when(at(values, "configs", "cm", "admin.enabled") !== false, "keeps the user admin"),
    ...when(role !== "", `gives everybody ${role}`),
  ];
}

function workflowsWays(values: Fields): string[] {
  const modes = texts(values, "server", "authModes");
  const signsOn = modes.includes("sso");
  return [
    ...when(modes.includes("server"), "gives everybody the server's own rights"),
    ...when(signsOn && modes.length > 1, "takes other ways in than signing on"),
    ...when(
      signsOn && at(values, "server", "sso", "rbac", "enabled") !== true,
      "gives everybody who signs on the server's own rights",
    ),
  ];
}

const ruleKey = "workflows.argoproj.io/rbac-rule";

/** A rule without a group is one for everybody. */
function openRules({ content }: DeclaredObject): string[] {
  const rule = fields(content, "metadata", "annotations")[ruleKey];
  return when(rule !== undefined && !text(rule).includes(" in groups"), `is for everybody: ${text(rule)}`);
}

export const dashboardPolicies: readonly Policy[] = [
  {
    name: "dashboard-by-tls",
    why: "Passwords, tokens and cookies of a dashboard go over the network as they are.",
    fix: "Use an Ingress with a certificate (`ingress.tlsSecret`), or let the server keep its own.",
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
    why: "A second way in, or a role for everybody, makes the groups meaningless.",
    fix: "Set admin.enabled to false, an empty policy.default, sso as the only auth mode, and rbac.enabled.",
    find: (objects) => [
      ...ofCharts({ "argo-cd": argoCdWays, "argo-workflows": workflowsWays })(objects),
      ...ofObjects(["ServiceAccount"], openRules)(objects),
    ],
  },
  {
    name: "no-chart-roles",
    why: "By the charts' own roles, the dashboards' servers read every Secret of the cluster.",
    fix: "Leave the roles out, and declare what is needed (components/charts/argo-*-rights.ts).",
    find: ofCharts({
      "argo-cd": (values) =>
        when(at(values, "createClusterRoles") !== false, "makes cluster roles of the chart"),
      "argo-workflows": (values) =>
        when(at(values, "server", "rbac", "create") !== false, "makes cluster roles of the chart"),
    }),
  },
];
