/** Rules for notifications. */
import { eventsOfArgoCd } from "../charts/argo-cd-notifications.ts";
import { unknownKeyFix } from "../checks.ts";
import { entries } from "../entries.ts";
import type { Webhook } from "../kinds/notifications.ts";
import { implicitTlsPort } from "../kinds/notifications.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import type { Project } from "./project-schema.ts";
import type { Readable } from "./readable.ts";

/** The channels of a project that have an address of their own. */
export function webhooksOf({ notifications }: Pick<Project, "notifications">): Webhook[] {
  return (notifications?.to ?? []).filter((channel) => channel !== "mail");
}

export function unknownChannels({ projects, secrets }: Readable): SettingError[] {
  return entries(secrets?.notifications ?? {}).flatMap(([key, addresses]) => {
    const project = projects[key];
    if (project === undefined) return [];
    const known: readonly string[] = webhooksOf(project);
    return Object.keys(addresses)
      .filter((channel) => !known.includes(channel))
      .map((channel) => ({
        path: joinPath("secrets.notifications", [key, channel]),
        rule: `projects.${key}.notifications.to does not contain it`,
        fix: unknownKeyFix(channel, known),
      }));
  });
}

/** Mail needs recipients and a server. */
export function incompleteMail({ projects, raw }: Readable): SettingError[] {
  return entries(projects).flatMap(([key, { notifications }]): SettingError[] => {
    const { to = [], mailTo } = notifications ?? {};
    const own = joinPath("projects", [key, "notifications"]);
    const index = to.indexOf("mail");
    if (index < 0) return mailTo === undefined ? [] : [unreadAddresses(own, mailTo)];
    const at = { path: joinPath(own, ["to", index]), value: "mail" };
    return [
      ...(mailTo === undefined
        ? [{ ...at, rule: "mail needs recipients", fix: "add their addresses as `mailTo` beside `to`" }]
        : []),
      ...(raw["mail"] === undefined
        ? [{ ...at, rule: "mail needs a server", fix: "add the key `mail` with its host, port and from" }]
        : []),
    ];
  });
}

function unreadAddresses(path: string, value: readonly string[]): SettingError {
  const rule = "nothing is sent to these addresses, since `to` does not contain mail";
  return { path: `${path}.mailTo`, value, rule, fix: "add mail to `to`, or remove the key" };
}

export function unreadPassword({ stack, secrets, raw }: Readable): SettingError[] {
  if (secrets?.mail === undefined || stack.mail?.username !== undefined) return [];
  // What cannot be read is already reported.
  if (raw["mail"] !== undefined && stack.mail === undefined) return [];
  const rule = "nothing reads this secret: there is no `mail.username`";
  return [{ path: "secrets.mail", rule, fix: "add the user, or remove it" }];
}

/**
 * Argo CD's client (gomail.v2, `Dialer`) starts with TLS only on port 465, and there only with a login. On any other
 * port it continues without TLS if the server does not offer it, and sends the password if the server requests it by
 * LOGIN.
 */
export function unsafeMail({ stack: { mail }, projects }: Readable): SettingError[] {
  if (mail === undefined || (mail.port === implicitTlsPort) === (mail.username !== undefined)) return [];
  const mailed = entries(projects).find(
    ([, project]) =>
      project.notifications?.to.includes("mail") === true && eventsOfArgoCd(project).length > 0,
  );
  if (mailed === undefined) return [];
  const { port, username } = mail;
  const [rule, fix] =
    username === undefined
      ? ["uses TLS on this port only with a login", "add mail.username, or write another port, such as 587"]
      : ["sends the password without TLS if the server does not offer STARTTLS", "write 465"];
  return [
    {
      path: "mail.port",
      value: port,
      rule: `Argo CD, which sends notifications of deployments, ${rule}`,
      fix: `${fix}; or remove mail from projects.${mailed[0]}.notifications.to`,
    },
  ];
}
