/**
 * The notifications of a deployment, in the form of each service: JSON with templates of Go, which Argo CD fills in. What is
 * filled in is text: it ends no string of JSON, and nothing in it is obeyed or calls anybody.
 */
import type { NotifiedEvent, Webhook } from "../kinds/notifications.ts";

export type DeploymentEvent = Exclude<NotifiedEvent, "recovered">;

export interface DeploymentNews {
  /** Of the template. */
  readonly name: string;
  readonly event: DeploymentEvent;
  readonly headline: string;
  /** What there is to say, as a value of the template; empty where there is nothing. */
  readonly why: string;
}

type Message = (news: DeploymentNews, page: string | undefined) => string;

const application = ".app.metadata.name";

export const deploymentMessages: Readonly<Record<Webhook, Message>> = {
  slack: ({ headline, why }, page) => {
    const text = filledIn(slackLine(headline, page));
    const said = { type: "plain_text", text: filledIn(slackText(why)), emoji: "false" };
    // Else Slack would make mentions and links of what it finds.
    const line = section({ type: "mrkdwn", text, verbatim: "true" });
    const blocks = why === "" ? [line] : [line, section(said)];
    return objectOf({
      text,
      unfurl_links: "false",
      unfurl_media: "false",
      blocks: `[${blocks.join(",")}]`,
    });
  },
  discord: ({ event, headline, why }, page) =>
    objectOf({
      allowed_mentions: '{"parse":[]}',
      embeds: `[${objectOf({
        title: filledIn(`printf "%s ${headline}" ${application}`),
        color: (event === "failed" ? 0xd73a49 : 0x2da44e).toString(),
        ...(page === undefined ? {} : { url: filledIn(pageOf(page)) }),
        ...(why === "" ? {} : { description: filledIn(discordText(why)) }),
      })}]`,
    }),
  webhook: ({ event, headline, why }, page) =>
    objectOf({
      event: JSON.stringify(event),
      project: filledIn(".app.spec.project"),
      application: filledIn(application),
      headline: JSON.stringify(headline),
      revision: filledIn(".app.status.sync.revision"),
      images: filledIn(".app.status.summary.images"),
      why: why === "" ? '""' : filledIn(shortened(why)),
      page: page === undefined ? '""' : filledIn(pageOf(page)),
    }),
};

/** As builds write it: text alone. What is filled in is no header, since a subject has but the name of the Application. */
export function deploymentMail({ headline, why }: DeploymentNews, page: string | undefined): object {
  const line = `{{ ${application} }} ${headline}`;
  const parts = [
    line,
    ...(why === "" ? [] : [`{{ ${shortened(why, "no reason is given")} }}`]),
    ...(page === undefined ? [] : [`{{ ${pageOf(page)} }}`]),
  ];
  return { subject: line, body: parts.join("\n\n") };
}

/** An object of JSON, each value of which is JSON already. */
function objectOf(values: Readonly<Record<string, string>>): string {
  const all = Object.entries(values).map(([key, value]) => `${JSON.stringify(key)}:${value}`);
  return `{${all.join(",")}}`;
}

/** A value of the template as JSON. */
function filledIn(value: string): string {
  return `{{ toJson (${value}) }}`;
}

/** The name of an Application is one of Kubernetes, and needs no care. */
function pageOf(page: string): string {
  return `printf "${page}/%s" ${application}`;
}

function slackLine(headline: string, page: string | undefined): string {
  return page === undefined
    ? `printf "%s ${headline}" ${application}`
    : `printf "<${page}/%s|%s> ${headline}" ${application} ${application}`;
}

/** A block of Slack's message. */
function section({ type, ...text }: Readonly<Record<string, string>> & { readonly type: string }): string {
  return objectOf({ type: '"section"', text: objectOf({ type: JSON.stringify(type), ...text }) });
}

/** What may be missing, and may be long. Sprig's `trunc` counts bytes, and cuts characters in two. */
function shortened(value: string, otherwise = ""): string {
  return `default "${otherwise}" ${value} | regexFind "(?s)^.{0,500}"`;
}

/** Slack refuses a text that is empty. */
function slackText(value: string): string {
  return `${shortened(value, "no reason is given")} | replace "&" "&amp;" | replace "<" "&lt;" | replace ">" "&gt;"`;
}

/** Markdown, links and mentions become what they are written with. */
function discordText(value: string): string {
  return `regexReplaceAll \`[\\\\*_~\\x60|<>\\[\\]()#@:]\` (${shortened(value)}) \`\\\${0}\``;
}
