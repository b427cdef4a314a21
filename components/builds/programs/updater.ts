/**
 * Notifies the Image Updater that a tag has moved. A failure is only logged, since the updater also polls the registry.
 *
 * UPDATER             URL of its webhook
 * UPDATER_TOKEN_FILE  file with the webhook's secret
 * REGISTRY            the registry's host
 * IMAGE_PATH          the image without registry and tag, as in the ImageUpdater
 * TAG                 the tag that the Image Updater follows
 */
import type { Variables } from "./environment.ts";
import { askTwice, readSecret } from "./http.ts";

export const updaterVariables = ["UPDATER", "UPDATER_TOKEN_FILE", "REGISTRY", "IMAGE_PATH", "TAG"] as const;
type Updater = Variables<(typeof updaterVariables)[number]>;

/** The timeout of each of two attempts, in seconds. */
const timeLimit = 2;

export async function notifyUpdater(updater: Updater, digest: string): Promise<void> {
  const image = `${updater.IMAGE_PATH}:${updater.TAG}`;
  const { code, reason } = await askTwice({
    method: "POST",
    url: `${updater.UPDATER}?type=cloudevents`,
    headers: {
      "x-webhook-secret": readSecret(updater.UPDATER_TOKEN_FILE),
      "content-type": "application/cloudevents+json",
    },
    body: JSON.stringify(event(updater, digest)),
    seconds: timeLimit,
  });
  console.log(
    code === 200
      ? `notified the Image Updater of ${image}`
      : `could not notify the Image Updater of ${image}, which will find it by polling: ${reason}`,
  );
}

function event({ REGISTRY: registry, IMAGE_PATH: repository, TAG: tag }: Updater, digest: string): object {
  return {
    specversion: "1.0",
    type: "container.image.push",
    source: "argo-cicd",
    id: digest,
    subject: `${repository}:${tag}`,
    data: { registry, repository, tag, digest },
  };
}
