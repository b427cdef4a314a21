/** The parts of the pods of steps. */
import { label } from "./builders.ts";
import type { Given } from "./build-template.ts";
import { confined, step } from "./build-template.ts";

export const delivered = {
  tag: "release-1.x",
  registry: "docker.io",
  path: "team/web",
  applications: [label("shop"), label("other")],
  byCommit: [label("shop"), label("other")],
  withWindows: [label("other")],
  namespace: label("argocd"),
  environmentUrl: undefined,
};

/** The same for one application. */
export const deliveredToOne = {
  ...{ tag: "main", registry: "docker.io", path: "team/web", environmentUrl: undefined },
  ...{ applications: [label("shop")], byCommit: [], withWindows: [], namespace: label("argocd") },
};

export const strictScan = { mode: "stop", severity: "CRITICAL" } as const;
export const checkedFindings =
  "{{=tasks.scan.outputs.parameters.findings matches '^([A-Za-z ]*)$' ? tasks.scan.outputs.parameters.findings : ''}}";

export const scripts = { name: "scripts", configMap: { name: "build-scripts", defaultMode: 0o555 } };
export const results = { name: "results", emptyDir: { sizeLimit: "16Mi" } };
export const temporary = { name: "temporary", emptyDir: { sizeLimit: "1Gi" } };
/** Of the scan, which unpacks images. */
export const unlimited = { name: "temporary", emptyDir: {} };
export const noAccount = { name: "no-account", emptyDir: {} };
export const login = {
  name: "registry-login",
  secret: { secretName: "regcred", items: [{ key: ".dockerconfigjson", path: "config.json" }] },
};
export const token = (name: string, secretName: string) => ({
  name,
  secret: { secretName, items: [{ key: "token", path: "token" }] },
});
export const clone = token("clone-token", "shop-clone");
export const github = token("github-token", "github-status");
export const updater = token("updater-token", "image-updater-webhook");

export const mounted = (name: string) => ({ name, mountPath: `/${name}`, readOnly: true });
export const shared = [
  { ...mounted("scripts"), mountPath: "/kaniko/argo-cicd/scripts" },
  { name: "results", mountPath: "/kaniko/argo-cicd/results" },
  { name: "temporary", mountPath: "/tmp" },
];
export const withoutToken = {
  name: "no-account",
  mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
  readOnly: true,
};
export const read = (name: string) => ({ name, valueFrom: { path: `/kaniko/argo-cicd/results/${name}` } });

/** A container without its program and its variables. */
export function surroundings(memory = "256Mi", ...mounts: object[]) {
  return {
    volumeMounts: [...shared, ...mounts],
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory } },
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: confined,
  };
}

/** The same for a container without a token of the pod's account. */
export function tokenless(memory = "256Mi", ...mounts: object[]) {
  return surroundings(memory, ...mounts, withoutToken);
}

/** A step without the programs and variables of its containers, which other tests state. */
export function frame(name: string, ...given: Given) {
  const { initContainers = [], container, ...rest } = step(name, ...given);
  const containers = [...initContainers, { name: "main", ...container }].map((one) =>
    Object.fromEntries(Object.entries(one).filter(([key]) => !["image", "command", "env"].includes(key))),
  );
  return { ...rest, containers };
}
