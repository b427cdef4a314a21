/** The shape of `projects.<name>.notifications` and of its secrets in a stack file. */
import { z } from "zod";
import { must, strict } from "../checks.ts";
import { hostName } from "../addresses.ts";
import { secretLine } from "../fields.ts";
import { channels, notifiedEvents } from "../kinds/notifications.ts";

/** A list without duplicates. */
function listOf<Value extends string>(value: z.ZodType<Value>, fix: string) {
  return z
    .array(value)
    .min(1, { error: must("at least one", fix) })
    .refine((all) => new Set(all).size === all.length, {
      error: must("each value may occur only once", "remove the duplicate"),
    });
}

function choiceOf<Value extends string>(values: readonly [Value, ...Value[]]) {
  return listOf(z.enum(values), `choose of ${values.join(", ")}`);
}

/** Without a name, a `$` or a separator, which Argo CD would interpret. */
const mailAddress = z.email({
  error: must("an e-mail address, without a name before it", "write it like builds@acme.example"),
});

export const notifications = strict({
  on: choiceOf(notifiedEvents)
    .default(["failed", "recovered"])
    .describe(
      "Events: failed (a build or a deployment), recovered (a build that succeeds after one that failed), deployed.",
    ),
  to: choiceOf(channels).describe(
    "Channels: the incoming webhook of Slack, of Discord, or of your own, which accepts JSON; or mail. The address of each webhook is `secrets.notifications.<project>.<name>`.",
  ),
  mailTo: listOf(mailAddress, "add an address, or remove the key")
    .optional()
    .describe("Addresses to which mail goes; needs `mail`."),
});

const portError = {
  error: must(
    "a port: a whole number from 1 to 65535",
    "write 465, or 587 if the server supports only STARTTLS",
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
      "Its port. On 465, TLS starts with the connection; on any other, such as 587, with STARTTLS. Builds send no mail without TLS.",
    ),
  from: mailAddress.describe("Sender's address."),
  username: z
    .string()
    .regex(/^[^\s$\p{C}]{1,255}$/u, {
      error: must("a user name without spaces and without $", "write it as on the mail server"),
    })
    .optional()
    .describe("User name of the login; the password is `secrets.mail`. Without it, no login."),
})
  .optional()
  .describe("The mail server, for the projects that have `mail` in `notifications.to`.");

const address = secretLine
  .refine((text) => !/^http:/i.test(text), {
    error: must(
      "an HTTPS address, since anyone who reads it can write to the channel",
      "set one that begins with https://",
    ),
  })
  .optional();

export const notificationSecrets = strict({
  slack: address.describe("Address of Slack's incoming webhook."),
  discord: address.describe("Address of Discord's webhook."),
  webhook: address.describe("Address of a webhook of your own."),
});
