/**
 * What people are told of a deployment, in the form of each service: JSON with templates of Go, which Argo CD fills in. What is
 * filled in is text: it ends no string of JSON, and nothing in it is obeyed or calls anybody.
 */
import type { Channel, NotifiedEvent } from "../kinds/notifications.ts";

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

export const deploymentMessages: Readonly<Record<Channel, Message>> = {
  slack: (news, page) =>
    objectOf({ text: filledIn(slackLine(news, page)), unfurl_links: "false", unfurl_media: "false" }),
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

function slackLine({ headline, why }: DeploymentNews, page: string | undefined): string {
  const [link, ...names] =
    page === undefined ? ["%s", application] : [`<${page}/%s|%s>`, application, application];
  const [says, ...values] = why === "" ? [""] : [": %s", `(${slackText(why)})`];
  return [`printf "${link} ${headline}${says}"`, ...names, ...values].join(" ");
}

/** What may be missing, and may be long. */
function shortened(value: string): string {
  return `default "" ${value} | trunc 500`;
}

function slackText(value: string): string {
  return `${shortened(value)} | replace "&" "&amp;" | replace "<" "&lt;" | replace ">" "&gt;"`;
}

/** Markdown, links and mentions become what they are written with. */
function discordText(value: string): string {
  return `regexReplaceAll \`[\\\\*_~\\x60|<>\\[\\]()#@:]\` (${shortened(value)}) \`\\\${0}\``;
}
