/** The pods of charts, as other objects select them: the label `app.kubernetes.io/name`, and their ports. */
import type { Labels } from "../kinds/kubernetes.ts";

/** The charts' defaults, in the version that each chart's file pins. */
export const chartPods = {
  workflowController: { name: "argo-workflows-workflow-controller", metrics: 9090 },
  workflowServer: { name: "argo-workflows-server", web: 2746 },
  eventsController: { name: "argo-events-controller-manager" },
  argoCdServer: { name: "argocd-server", web: 8080 },
  argoCdController: { name: "argocd-application-controller", metrics: 8082 },
  argoCdRepositories: { name: "argocd-repo-server", grpc: 8081 },
  argoCdRedis: { name: "argocd-redis", redis: 6379 },
  /** The hook that creates the Redis password. */
  argoCdRedisSecret: { name: "argocd-redis-secret-init" },
  argoCdNotifications: { name: "argocd-notifications-controller" },
  /** Its Service exposes the webhook on port 8080. */
  imageUpdater: { name: "argocd-image-updater", webhook: 8082, metrics: 8443 },
  argoRollouts: { name: "argo-rollouts" },
  traefik: { name: "traefik", http: 8000, https: 8443, metrics: 9100 },
  zot: { name: "zot", http: 5000 },
} as const;

export function chartLabels({ name }: { readonly name: string }): Labels {
  return { "app.kubernetes.io/name": name };
}
