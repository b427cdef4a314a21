/** The notifications of a build, in the form of each service. All of it is text: nothing in it is obeyed, links to or calls anybody. */
import type { Letter } from "./mail.ts";
import { cut, oneLine, withoutControls } from "./text.ts";

export interface News {
  readonly event: "failed" | "recovered";
  readonly project: string;
  readonly service: string;
  /** A branch, or a tag of git. */
  readonly branch: string;
  /** Empty where the build did not come to know it. */
  readonly commit: string;
  /** Address of the commit; empty where there is none. */
  readonly commitPage: string;
  /** Empty where it is not known. */
  readonly author: string;
  /** What has failed, and the last words; empty where nothing has. */
  readonly why: string;
  /** Address of the build; may be empty. */
  readonly page: string;
}

/**
 * In characters. Slack takes 3000 in a text, where a sign may become five; Discord 4096 in a description and 256 in a title, where it
 * may become two.
 */
const longest = { name: 100, author: 80, why: 500 };

export const messages = { slack, discord, webhook, mail } as const satisfies Record<
  string,
  (news: News) => object
>;

/** The texts of a notification, each in one short line. */
function lines({ event, service, branch, author, commit, why }: News) {
  return {
    headline: `${line(service, longest.name)} ${event === "failed" ? "failed to build" : "builds again"}`,
    branch: line(branch, longest.name),
    author: line(author, longest.author),
    commit: commit.slice(0, 7),
    why: line(why, longest.why),
  };
}

function line(text: string, characters: number): string {
  return cut(withoutControls(oneLine(text)), characters, "…");
}

/** Of an incoming webhook. Only `&`, `<` and `>` can begin something in its text; what a build has said is no markup at all. */
function slack(news: News): object {
  const { headline, branch, author, commit, why } = lines(news);
  const facts = [
    `branch ${slackText(branch)}`,
    ...(commit === "" ? [] : [`commit ${slackLink(commit, news.commitPage)}`]),
    ...(author === "" ? [] : [`by ${slackText(author)}`]),
  ];
  const text = `${slackLink(headline, news.page)}: ${facts.join(", ")}`;
  return {
    text,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      // Else it would make mentions of names.
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

function slackLink(text: string, page: string): string {
  return page === "" ? slackText(text) : `<${page}|${slackText(text)}>`;
}

/** A line at the edge of a message in red or green. */
const colors = { failed: 0xd73a49, recovered: 0x2da44e };

function discord(news: News): object {
  const { headline, branch, author, commit, why } = lines(news);
  const field = (name: string, value: string) => ({ name, value, inline: true });
  const shown = news.commitPage === "" ? commit : `[${commit}](${news.commitPage})`;
  return {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: discordText(headline),
        color: colors[news.event],
        ...(news.page === "" ? {} : { url: news.page }),
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

/** Markdown, links and mentions become what they are written with. */
function discordText(text: string): string {
  return text.replace(/[\\*_~`|<>[\]()#@:]/g, "\\$&");
}

function webhook(news: News): object {
  const { branch, author, why } = lines(news);
  const { event, project, service, commit, commitPage, page } = news;
  return { event, project, service, branch, commit, commitPage, author, why, page };
}

/** Without markup, so that nothing in it is one. */
function mail(news: News): Letter {
  const { headline, branch, author, commit, why } = lines(news);
  const facts = [
    `branch ${branch}`,
    ...(commit === "" ? [] : [`commit ${commit} ${news.commitPage}`.trimEnd()]),
    ...(author === "" ? [] : [`by ${author}`]),
  ];
  const parts = [headline, why, facts.join("\n"), news.page];
  return { subject: `${headline} (${branch})`, text: parts.filter((part) => part !== "").join("\n\n") };
}
