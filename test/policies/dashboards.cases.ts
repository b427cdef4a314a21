/** Cases for the policies of the dashboards. */
import type { Cases } from "./objects.ts";
import { object } from "./objects.ts";

const argoCd = (values: object) => [object({ kind: "Release", name: "argo-cd", values })];
const workflows = (server: object) => [
  object({ kind: "Release", name: "argo-workflows", values: { server } }),
];
const other = [object({ kind: "Release", name: "zot", values: {} })];
const signingOn = (cm: object, rbac: object) =>
  argoCd({ configs: { cm: { "oidc.config": "issuer: https://id.example", ...cm }, rbac } });
const people = (rule: string) => [
  object({
    kind: "ServiceAccount",
    metadata: { annotations: { "workflows.argoproj.io/rbac-rule": rule } },
  }),
];
const plain = ["serves plain HTTP on a port of every node"];
const ofChart = ["creates the chart's cluster roles"];

export const dashboards: Readonly<Record<string, Cases>> = {
  "dashboard-by-tls": {
    kept: [
      argoCd({
        server: { service: { type: "NodePort" } },
        configs: { params: { "server.insecure": false } },
      }),
      argoCd({
        server: { service: { type: "ClusterIP" } },
        configs: { params: { "server.insecure": true } },
      }),
      workflows({ serviceType: "NodePort", secure: true }),
      workflows({ serviceType: "ClusterIP", secure: false }),
      other,
    ],
    broken: [
      [
        argoCd({
          server: { service: { type: "NodePort" } },
          configs: { params: { "server.insecure": true } },
        }),
        plain,
      ],
      [workflows({ serviceType: "NodePort", secure: false }), plain],
      [workflows({ serviceType: "LoadBalancer" }), plain],
    ],
  },
  "closed-sign-on": {
    kept: [
      signingOn({ "admin.enabled": false }, { "policy.default": "" }),
      argoCd({ configs: { cm: {} } }),
      workflows({ authModes: ["sso"], sso: { rbac: { enabled: true } } }),
      workflows({ authModes: ["client"] }),
      people("'platform' in groups"),
      other,
    ],
    broken: [
      [
        signingOn({}, { "policy.default": "role:readonly" }),
        ["enables the user admin", "grants everybody role:readonly"],
      ],
      [
        workflows({ authModes: ["sso", "client"], sso: { rbac: { enabled: true } } }),
        ["allows other ways in than single sign-on"],
      ],
      [workflows({ authModes: ["sso"] }), ["grants everybody who signs on the server's own rights"]],
      [workflows({ authModes: ["server"] }), ["grants everybody the server's own rights"]],
      [people("true"), ["matches everybody: true"]],
    ],
  },
  "no-chart-roles": {
    kept: [argoCd({ createClusterRoles: false }), workflows({ rbac: { create: false } }), other],
    broken: [
      [argoCd({}), ofChart],
      [workflows({}), ofChart],
    ],
  },
};
