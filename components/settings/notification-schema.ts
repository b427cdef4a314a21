/** The shape of `projects.<name>.notifications` and of its secrets in a stack file. */
import { z } from "zod";
import { says, strict } from "../checks.ts";
import { channels, notifiedEvents } from "../kinds/notifications.ts";

/** A list in which nothing stands twice. */
function listOf<Value extends string>(values: readonly [Value, ...Value[]]) {
  return z
    .array(z.enum(values))
    .min(1, { error: says("at least one", `choose of ${values.join(", ")}`) })
    .refine((all) => new Set(all).size === all.length, {
      error: says("each stands once", "remove what stands twice"),
    });
}

export const notifications = strict({
  on: listOf(notifiedEvents)
    .default(["failed", "recovered"])
    .describe(
      "Of what: failed (a build or a deployment), recovered (a build that succeeds after one that failed), deployed.",
    ),
  to: listOf(channels).describe(
    "By which incoming webhook: Slack's, Discord's, or one of your own that takes JSON. The address of each is `secrets.notifications.<project>.<name>`.",
  ),
});

const address = z
  .string()
  .min(1)
  .refine((text) => !/^http:/i.test(text), {
    error: says(
      "an address by HTTPS: whoever has it can write to the channel",
      "set one that begins with https://",
    ),
  })
  .optional();

export const notificationSecrets = strict({
  slack: address.describe("Address of Slack's incoming webhook."),
  discord: address.describe("Address of Discord's webhook."),
  webhook: address.describe("Address of a webhook of your own."),
});
