/** Notifications of a build, in each service's format. Values are escaped: they create no markup, link or mention. */
import type { Mail } from "./mail.ts";
import { cut, oneLine, withoutControls } from "./text.ts";

export interface News {
  readonly event: "failed" | "recovered";
  readonly project: string;
  readonly service: string;
  /** A branch or a git tag. */
  readonly branch: string;
  /** Empty if the build ended before it was known. */
  readonly commit: string;
  /** URL of the commit; empty if there is none. */
  readonly commitUrl: string;
  /** Empty if unknown. */
  readonly author: string;
  /** What failed, and its last line of output; empty if nothing failed. */
  readonly why: string;
  /** URL of the build; may be empty. */
  readonly url: string;
}

/**
 * In characters. Slack accepts 3000 in a text, where a character may be escaped as five; Discord 4096 in a description
 * and 256 in a title, where it may be escaped as two.
 */
const maxLength = { name: 100, author: 80, why: 500 };

export const messages = { slack, discord, webhook, mail } as const satisfies Record<
  string,
  (news: News) => object
>;

/** The texts of a notification, each one short line. */
function lines({ event, service, branch, author, commit, why }: News) {
  return {
    headline: `${line(service, maxLength.name)} ${event === "failed" ? "failed to build" : "builds again"}`,
    branch: line(branch, maxLength.name),
    author: line(author, maxLength.author),
    commit: commit.slice(0, 7),
    why: line(why, maxLength.why),
  };
}

function line(text: string, characters: number): string {
  return cut(withoutControls(oneLine(text)), characters, "…");
}

/** For an incoming webhook. Only `&`, `<` and `>` are special in its `mrkdwn`; a build's output is `plain_text`. */
function slack(news: News): object {
  const { headline, branch, author, commit, why } = lines(news);
  const facts = [
    `branch ${slackText(branch)}`,
    ...(commit === "" ? [] : [`commit ${slackLink(commit, news.commitUrl)}`]),
    ...(author === "" ? [] : [`by ${slackText(author)}`]),
  ];
  const text = `${slackLink(headline, news.url)}: ${facts.join(", ")}`;
  return {
    text,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      // Without `verbatim`, Slack turns names into mentions.
      { type: "section", text: { type: "mrkdwn", text, verbatim: true } },
      ...(why === ""
        ? []
        : [{ type: "section", text: { type: "plain_text", text: slackText(why), emoji: false } }]),
    ],
  };
}

function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function slackLink(text: string, url: string): string {
  return url === "" ? slackText(text) : `<${url}|${slackText(text)}>`;
}

/** The color of the bar next to a message: red or green. */
const colors = { failed: 0xd73a49, recovered: 0x2da44e };

function discord(news: News): object {
  const { headline, branch, author, commit, why } = lines(news);
  const field = (name: string, value: string) => ({ name, value, inline: true });
  const shown = news.commitUrl === "" ? commit : `[${commit}](${news.commitUrl})`;
  return {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: discordText(headline),
        color: colors[news.event],
        ...(news.url === "" ? {} : { url: news.url }),
        ...(why === "" ? {} : { description: discordText(why) }),
        fields: [
          field("branch", discordText(branch)),
          ...(commit === "" ? [] : [field("commit", shown)]),
          ...(author === "" ? [] : [field("by", discordText(author))]),
        ],
      },
    ],
  };
}

/** Escapes Markdown, links and mentions. */
function discordText(text: string): string {
  return text.replace(/[\\*_~`|<>[\]()#@:]/g, "\\$&");
}

function webhook(news: News): object {
  const { branch, author, why } = lines(news);
  const { event, project, service, commit, commitUrl, url } = news;
  return { event, project, service, branch, commit, commitUrl, author, why, url };
}

/** Plain text, which needs no escaping. */
function mail(news: News): Mail {
  const { headline, branch, author, commit, why } = lines(news);
  const facts = [
    `branch ${branch}`,
    ...(commit === "" ? [] : [`commit ${commit} ${news.commitUrl}`.trimEnd()]),
    ...(author === "" ? [] : [`by ${author}`]),
  ];
  const parts = [headline, why, facts.join("\n"), news.url];
  return { subject: `${headline} (${branch})`, text: parts.filter((part) => part !== "").join("\n\n") };
}
