/** How images and manifests come to run. */
import type { Settings } from "../settings.ts";

/** Where the Image Updater hears of new images: the chart's Service. */
export function updaterUrl({ namespaces }: Settings): string {
  return `http://argocd-image-updater.${namespaces.delivery}.svc:8080/webhook`;
}

/** Argo CD's webhook, where GitHub reaches it by a certificate that it trusts: through the Ingress. */
export function clusterWebhooksPlan({ argocd: { host, ingress }, projects }: Settings) {
  const all = projects.flatMap(({ owner, applications }) =>
    applications.map(({ repository }) => ({ owner, name: repository })),
  );
  const byName = new Map(all.map((one) => [`${one.owner}/${one.name}`, one]));
  return {
    url: host === undefined || ingress === undefined ? undefined : `https://${host}/api/webhook`,
    repositories: [...byName.values()],
  };
}
