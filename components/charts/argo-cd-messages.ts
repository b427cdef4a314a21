/**
 * The notifications of a deployment, in the format of each service: JSON with Go templates, which Argo CD fills in.
 * Values are escaped: they cannot end a JSON string, act as markup, or mention anybody.
 */
import type { NotifiedEvent, Webhook } from "../kinds/notifications.ts";

export type DeploymentEvent = Exclude<NotifiedEvent, "recovered">;

export interface DeploymentNotification {
  /** Of the template in Argo CD. */
  readonly name: string;
  readonly event: DeploymentEvent;
  readonly headline: string;
  /** The reason, as a template expression; empty if there is none. */
  readonly why: string;
}

type Message = (notification: DeploymentNotification, applicationsUrl: string | undefined) => string;

const application = ".app.metadata.name";

export const deploymentMessages: Readonly<Record<Webhook, Message>> = {
  slack: ({ headline, why }, applicationsUrl) => {
    const text = asJson(slackLine(headline, applicationsUrl));
    const reason = { type: "plain_text", text: asJson(slackText(why)), emoji: "false" };
    // Keeps Slack from turning the text into mentions and links.
    const line = section({ type: "mrkdwn", text, verbatim: "true" });
    const blocks = why === "" ? [line] : [line, section(reason)];
    return objectOf({
      text,
      unfurl_links: "false",
      unfurl_media: "false",
      blocks: `[${blocks.join(",")}]`,
    });
  },
  discord: ({ event, headline, why }, applicationsUrl) =>
    objectOf({
      allowed_mentions: '{"parse":[]}',
      embeds: `[${objectOf({
        title: asJson(`printf "%s ${headline}" ${application}`),
        color: (event === "failed" ? 0xd73a49 : 0x2da44e).toString(),
        ...(applicationsUrl === undefined ? {} : { url: asJson(urlOf(applicationsUrl)) }),
        ...(why === "" ? {} : { description: asJson(discordText(why)) }),
      })}]`,
    }),
  webhook: ({ event, headline, why }, applicationsUrl) =>
    objectOf({
      event: JSON.stringify(event),
      project: asJson(".app.spec.project"),
      application: asJson(application),
      headline: JSON.stringify(headline),
      revision: asJson(".app.status.sync.revision"),
      images: asJson(".app.status.summary.images"),
      why: why === "" ? '""' : asJson(shortened(why)),
      url: applicationsUrl === undefined ? '""' : asJson(urlOf(applicationsUrl)),
    }),
};

/** Plain text, like the mails of builds. Only an Application's name is in the subject, so no value adds a header. */
export function deploymentMail(
  { headline, why }: DeploymentNotification,
  applicationsUrl: string | undefined,
): object {
  const line = `{{ ${application} }} ${headline}`;
  const parts = [
    line,
    ...(why === "" ? [] : [`{{ ${shortened(why, "no reason is given")} }}`]),
    ...(applicationsUrl === undefined ? [] : [`{{ ${urlOf(applicationsUrl)} }}`]),
  ];
  return { subject: line, body: parts.join("\n\n") };
}

/** A JSON object of values that are JSON already. */
function objectOf(values: Readonly<Record<string, string>>): string {
  const all = Object.entries(values).map(([key, value]) => `${JSON.stringify(key)}:${value}`);
  return `{${all.join(",")}}`;
}

/** A template expression, rendered as JSON. */
function asJson(value: string): string {
  return `{{ toJson (${value}) }}`;
}

/** An Application's name is a Kubernetes name, so it needs no escaping. */
function urlOf(applicationsUrl: string): string {
  return `printf "${applicationsUrl}/%s" ${application}`;
}

function slackLine(headline: string, applicationsUrl: string | undefined): string {
  return applicationsUrl === undefined
    ? `printf "%s ${headline}" ${application}`
    : `printf "<${applicationsUrl}/%s|%s> ${headline}" ${application} ${application}`;
}

/** A block of a Slack message. */
function section({ type, ...text }: Readonly<Record<string, string>> & { readonly type: string }): string {
  return objectOf({ type: '"section"', text: objectOf({ type: JSON.stringify(type), ...text }) });
}

/** Shortens a value that may be missing. Sprig's `trunc` counts bytes, and would split characters. */
function shortened(value: string, otherwise = ""): string {
  return `default "${otherwise}" ${value} | regexFind "(?s)^.{0,500}"`;
}

/** Slack rejects an empty text. */
function slackText(value: string): string {
  return `${shortened(value, "no reason is given")} | replace "&" "&amp;" | replace "<" "&lt;" | replace ">" "&gt;"`;
}

/** Escapes Markdown, links and mentions, so that Discord shows them as text. */
function discordText(value: string): string {
  return `regexReplaceAll \`[\\\\*_~\\x60|<>\\[\\]()#@:]\` (${shortened(value)}) \`\\\${0}\``;
}
