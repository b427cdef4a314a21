/** The shape of `webhooks.limits` in a stack file. */
import { strict } from "../checks.ts";
import * as field from "../fields.ts";
import { addressRange } from "./isolation-schema.ts";

export const deliveryLimits = strict({
  perSecond: field
    .count("50")
    .default(50)
    .describe("Requests per second that one address may send continuously."),
  burst: field
    .count("2000")
    .default(2000)
    .describe(
      "Requests that one address may send at once; about twice the repositories of a stack, where all GitHub's deliveries may seem to come from one address.",
    ),
  connections: field
    .count("100")
    .optional()
    .describe(
      "Requests of one address that are served at the same time. Without it there is no limit, since a burst of deliveries may have hundreds in flight.",
    ),
  sources: addressRange
    .array()
    .default([])
    .describe(
      "Addresses from which requests are accepted, such as those that GitHub publishes for webhooks. Empty for any. The ingress controller must see the client's address: `addons.ingressController` then hands traffic on only at the node where it arrives, and with `nodePorts` runs on every node that takes its pods; of another one, the Service needs `externalTrafficPolicy: Local`.",
    ),
})
  .prefault({})
  .describe(
    "Limits of the Ingress for each client address, set by annotations of ingress-nginx; requests over them get 503 or 429. A NodePort has no limits.",
  );
