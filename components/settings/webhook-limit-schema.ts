/** The shape of `webhooks.limits` in a stack file. */
import { strict } from "../checks.ts";
import * as field from "../fields.ts";
import { addressRange } from "./isolation-schema.ts";

export const webhookLimits = strict({
  perSecond: field
    .count("requests per second")
    .default(50)
    .describe("Requests per second that one address may send continuously."),
  burst: field
    .count("requests at once")
    .default(2000)
    .describe(
      "Requests that one address may send at once; about twice the number of repositories if all deliveries of GitHub seem to come from one address.",
    ),
  connections: field
    .count("requests at the same time")
    .optional()
    .describe(
      "Requests of one address that are served at the same time. Without it, there is no limit, since a burst of deliveries may have hundreds in flight.",
    ),
  sources: addressRange
    .array()
    .default([])
    .describe(
      "Addresses from which requests are accepted, such as those that GitHub publishes for webhooks. Empty for any. The ingress controller must see the client's address: `addons.ingressController` then serves traffic only on the node where it arrives, and with `nodePorts` runs on every node that accepts its pods; the Service of another one needs `externalTrafficPolicy: Local`.",
    ),
})
  .prefault({})
  .describe(
    "Limits of the Ingress for each client address, set by annotations of ingress-nginx; requests over them get 503 or 429. A NodePort has no limits.",
  );
