/** How images and manifests come to run. */
import type { RegistryHost } from "../names.ts";
import { followedTag } from "../names.ts";
import type { Settings } from "../settings.ts";
import { joinPath } from "../settings/faults.ts";

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

/** The images at which the stack holds what is deployed. */
export function pinsPlan({ registry: { host, insecure }, registryLogin, projects }: Settings) {
  const pins = projects.flatMap(({ name, branch, repositories }) =>
    repositories.flatMap(({ image, tags, pin }, index) =>
      pin === undefined
        ? []
        : [
            {
              path: joinPath("projects", [name, "repositories", index, "pin"]),
              commit: pin,
              image: { path: pathOf(image, host), tag: followedTag(tags, branch, pin) },
            },
          ],
    ),
  );
  return { host, insecure, login: registryLogin, pins };
}

/** An image without the host of its registry. */
export function pathOf(image: string, host: RegistryHost): string {
  return image.startsWith(`${host}/`) ? image.slice(host.length + 1) : image;
}
