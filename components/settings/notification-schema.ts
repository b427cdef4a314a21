/** The shape of `projects.<name>.notifications` and of its secrets in a stack file. */
import { z } from "zod";
import { says, strict } from "../checks.ts";
import { hostName } from "../addresses.ts";
import { secretLine } from "../fields.ts";
import { channels, notifiedEvents } from "../kinds/notifications.ts";

/** A list without duplicates. */
function listOf<Value extends string>(value: z.ZodType<Value>, fix: string) {
  return z
    .array(value)
    .min(1, { error: says("at least one", fix) })
    .refine((all) => new Set(all).size === all.length, {
      error: says("each value may occur only once", "remove the duplicate"),
    });
}

function choiceOf<Value extends string>(values: readonly [Value, ...Value[]]) {
  return listOf(z.enum(values), `choose of ${values.join(", ")}`);
}

/** Without a name, a `$` or a separator, of which Argo CD would make something of its own. */
const mailAddress = z.email({
  error: says("an address of mail, without a name before it", "write it like builds@acme.example"),
});

export const notifications = strict({
  on: choiceOf(notifiedEvents)
    .default(["failed", "recovered"])
    .describe(
      "Of what: failed (a build or a deployment), recovered (a build that succeeds after one that failed), deployed.",
    ),
  to: choiceOf(channels).describe(
    "By which incoming webhook: Slack's, Discord's, or one of your own that takes JSON; or by mail. The address of each webhook is `secrets.notifications.<project>.<name>`.",
  ),
  mailTo: listOf(mailAddress, "add an address, or remove the key")
    .optional()
    .describe("Addresses to which mail goes; needs `mail`."),
});

const portError = {
  error: says(
    "a port: a whole number from 1 to 65535",
    "write 465, or 587 where the server has STARTTLS only",
  ),
};

export const mail = strict({
  host: hostName.describe("Host of the mail server, as its certificate names it."),
  port: z
    .number(portError)
    .int(portError)
    .min(1, portError)
    .max(65535, portError)
    .describe(
      "Its port. On 465, TLS begins with the connection; on any other, such as 587, by STARTTLS. Builds send nothing without TLS.",
    ),
  from: mailAddress.describe("Sender's address."),
  username: z
    .string()
    .regex(/^[^\s$\p{C}]{1,255}$/u, {
      error: says("a user's name without spaces and without $", "write it as the server knows it"),
    })
    .optional()
    .describe("User name of the login; the password is `secrets.mail`. Without it, no login."),
})
  .optional()
  .describe("The mail server, for the projects that have `mail` in `notifications.to`.");

const address = secretLine
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
