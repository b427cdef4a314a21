/** Cases for the policies that protect the node of a pod. */
import type { Cases } from "./objects.ts";
import { container, object, template } from "./objects.ts";

const security = (securityContext: object, spec = {}) => container({ securityContext }, spec);
const cron = (spec: object) => [object({ kind: "CronWorkflow", spec })];
const bus = (containerTemplate: object) => [
  object({ kind: "EventBus", spec: { jetstream: { containerTemplate } } }),
];

export const pods: Readonly<Record<string, Cases>> = {
  "no-privileged-container": {
    kept: [security({}), security({ privileged: false })],
    broken: [
      [security({ privileged: true }), ["a: privileged"]],
      [
        template({ initContainers: [{ name: "first", securityContext: { privileged: true } }] }),
        ["template t, first: privileged"],
      ],
      [
        template({ sidecars: [{ name: "beside", securityContext: { privileged: true } }] }),
        ["template t, beside: privileged"],
      ],
      [template({ script: { securityContext: { privileged: true } } }), ["template t, script: privileged"]],
      [
        template({ containerSet: { containers: [{ name: "one", securityContext: { privileged: true } }] } }),
        ["template t, one: privileged"],
      ],
      [
        cron({
          workflowSpec: { templates: [{ name: "t", container: { securityContext: { privileged: true } } }] },
        }),
        ["template t, container: privileged"],
      ],
      [
        [
          object({
            kind: "Sensor",
            spec: {
              triggers: [
                {
                  template: {
                    name: "start",
                    k8s: {
                      source: {
                        resource: {
                          kind: "Workflow",
                          spec: {
                            templates: [{ name: "t", container: { securityContext: { privileged: true } } }],
                          },
                        },
                      },
                    },
                  },
                },
              ],
            },
          }),
        ],
        ["trigger start template t, container: privileged"],
      ],
      [
        [
          object({
            kind: "EventSource",
            spec: { template: { container: { securityContext: { privileged: true } } } },
          }),
        ],
        ["template, container: privileged"],
      ],
      [bus({ securityContext: { privileged: true } }), ["containerTemplate: privileged"]],
      [
        [
          object({
            kind: "Deployment",
            spec: {
              template: { spec: { containers: [{ name: "a", securityContext: { privileged: true } }] } },
            },
          }),
        ],
        ["a: privileged"],
      ],
      [
        [
          object({
            kind: "CronJob",
            spec: {
              jobTemplate: {
                spec: {
                  template: { spec: { containers: [{ name: "a", securityContext: { privileged: true } }] } },
                },
              },
            },
          }),
        ],
        ["a: privileged"],
      ],
    ],
  },
  "no-host-access": {
    kept: [
      container(
        { ports: [{ containerPort: 80 }] },
        { volumes: [{ name: "v", emptyDir: {} }], hostNetwork: false },
      ),
    ],
    broken: [
      [
        container({}, { hostNetwork: true, hostPID: true, hostIPC: true }),
        ["hostNetwork", "hostPID", "hostIPC"],
      ],
      [container({ ports: [{ hostPort: 80 }] }), ["the hostPort 80"]],
      [template({ container: {}, volumes: [{ hostPath: { path: "/" } }] }), ["template t: the hostPath /"]],
      [
        template({ container: {} }, { volumes: [{ hostPath: { path: "/" } }] }),
        ["template t: the hostPath /"],
      ],
      [template({ container: {}, podSpecPatch: '{"hostNetwork":true}' }), ["template t: hostNetwork"]],
      [template({ container: {} }, { podSpecPatch: '{"hostPID":true}' }), ["template t: hostPID"]],
    ],
  },
  "dropped-capabilities": {
    kept: [security({ capabilities: { drop: ["ALL"], add: ["CHOWN"] } })],
    broken: [
      [security({}), ["a: not all capabilities are dropped"]],
      [
        security({ capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } }),
        ["a: adds the capability SYS_ADMIN"],
      ],
    ],
  },
  "no-privilege-escalation": {
    kept: [security({ allowPrivilegeEscalation: false })],
    broken: [[security({}), ["a: allows privilege escalation"]]],
  },
  "no-root": {
    kept: [
      security({ runAsNonRoot: true }),
      security({ runAsUser: 1000 }),
      security({}, { securityContext: { runAsUser: 1 } }),
    ],
    broken: [
      [security({}), ["a: may run as root"]],
      [security({ runAsUser: 0 }, { securityContext: { runAsNonRoot: true } }), ["a: may run as root"]],
    ],
  },
  "confined-system-calls": {
    kept: [
      security({ seccompProfile: { type: "RuntimeDefault" } }),
      security({}, { securityContext: { seccompProfile: { type: "Localhost" } } }),
    ],
    broken: [
      [security({}), ["a: seccompProfile is missing"]],
      [
        security({ seccompProfile: { type: "Unconfined" }, appArmorProfile: { type: "Unconfined" } }),
        ["a: seccompProfile is Unconfined", "a: appArmorProfile is Unconfined"],
      ],
    ],
  },
  "read-only-root": {
    kept: [security({ readOnlyRootFilesystem: true })],
    broken: [[security({}), ["a: its root file system is writable"]]],
  },
  "readable-pod-patch": {
    kept: [
      template({ container: {} }),
      template({ container: {}, podSpecPatch: '{"enableServiceLinks":false}' }),
    ],
    broken: [
      [
        template({ container: {}, podSpecPatch: '{"containers":[]}' }),
        ["template t: podSpecPatch changes containers"],
      ],
      [
        template({ container: {}, podSpecPatch: "{{inputs.parameters.patch}}" }),
        ["template t: podSpecPatch cannot be read"],
      ],
      [
        template({ container: {} }, { podSpecPatch: "hostPID: true" }),
        ["template t: podSpecPatch cannot be read"],
      ],
    ],
  },
};
