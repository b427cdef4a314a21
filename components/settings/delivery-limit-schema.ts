/** The shape of `webhooks.limits` in a stack file. */
import { strict } from "../checks.ts";
import * as field from "../fields.ts";
import { addressRange } from "./isolation-schema.ts";

export const deliveryLimits = strict({
  perSecond: field
    .count("50")
    .default(50)
    .describe("Requests each second that one address may send for long."),
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
      "Requests of one address that are served at the same time. Without it there is no limit, since a burst of GitHub's may have hundreds under way.",
    ),
  sources: addressRange
    .array()
    .default([])
    .describe(
      "Addresses from which requests are taken, such as those that GitHub publishes for webhooks. Empty for any. The ingress controller must see the address of whoever asks: `addons.ingressController` then hands traffic on only at the node where it arrives, and with `nodePorts` runs on every node that takes its pods; of another one, the Service needs `externalTrafficPolicy: Local`.",
    ),
})
  .prefault({})
  .describe(
    "What the Ingress takes of one address, by the annotations of ingress-nginx; what is over it is answered with 503 or 429. A NodePort has no limits.",
  );
