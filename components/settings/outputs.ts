/** What `pulumi up` prints at the end. */
import { pageUrl } from "./places.ts";
import type { Settings } from "./settings.ts";

export function outputs({ argocd, workflows, signOn, namespaces, cluster, projects, builds }: Settings) {
  return {
    argocdUrl: pageUrl(argocd.host, argocd.nodePort),
    workflowsUrl: pageUrl(workflows.host, workflows.nodePort),
    webhookUrls: Object.fromEntries(projects.map(({ name, webhook }) => [name, webhook.url])),
    argocdInitialPasswordCommand:
      signOn?.argocd !== undefined
        ? "none: use single sign-on (signOn)"
        : `kubectl --context '${cluster.context}' --namespace ${namespaces.delivery} get secret argocd-initial-admin-secret ` +
          "--output jsonpath='{.data.password}' | base64 --decode",
    // The key of new images. Pulumi warns about an output without a value.
    imageKey: builds.signing.publicKeys[0] ?? "none: images are not signed (builds.signing)",
  };
}
