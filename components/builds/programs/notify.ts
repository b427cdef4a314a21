/**
 * Sends notifications of a build that has failed, or that succeeds again after one that had failed. Runs when the Workflow has ended, beside
 * end.ts, and ends with 0 whatever comes of it: a build does not depend on who hears of it.
 *
 * STATUS        of the Workflow: Succeeded, Failed or Error
 * EVENTS        of what: failed, recovered; separated by spaces
 * CHANNELS      by which: slack, discord, webhook, mail; separated by spaces
 * CHANNEL_URLS  folder with the address of each, which is a secret, in a file of its name; of mail, with the password
 * MAIL_SERVER   smtps://host:port, or smtp://host:port where TLS begins by STARTTLS; empty where nobody is notified by mail,
 * MAIL_USER     who logs in there; empty where nobody does,
 * MAIL_FROM     the sender, and
 * MAIL_TO       the recipients, separated by spaces
 * PROJECT       and
 * SERVICE       as people know them
 * SERVICE_LABEL the Workflow's label argo-cicd/service
 * BRANCH        that is built
 * BRANCH_LABEL  the Workflow's label argo-cicd/branch
 * GIT_TAG       the tag of git that is built; empty where it is the branch
 * REPOSITORY    owner/name
 * CREATED       when the Workflow was made, in seconds since 1970
 * COMMIT_PAGES  address below which commits have their pages
 * GITHUB_API    address of GitHub's API
 * READ_TOKEN    file with a token that reads the repository; empty where everybody may
 * TARGET_URL    where the message leads; may be empty
 * ...           NAMESPACE, WORKFLOW, STEPS and COMMIT as in end.ts, and the variables of kubernetes.ts
 */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { commitAuthor } from "./commits.ts";
import { commitOf, outcomeIn, readFailed } from "./end.ts";
import type { Variables } from "./environment.ts";
import { readVariables } from "./environment.ts";
import type { Answer } from "./http.ts";
import { ask, readSecret } from "./http.ts";
import { parseJson } from "./json.ts";
import { isDone, read } from "./kubernetes.ts";
import type { Letter } from "./mail.ts";
import { send as sendMail } from "./mail.ts";
import type { News } from "./message.ts";
import { messages } from "./message.ts";
import { isNotified, recovers } from "./previous.ts";
import { messageOf, runReport } from "./program.ts";
import type { MailServer } from "./smtp.ts";
import { words } from "./text.ts";

export const variables = [
  ...["STATUS", "EVENTS", "CHANNELS", "CHANNEL_URLS", "PROJECT", "SERVICE", "SERVICE_LABEL"],
  ...["BRANCH", "BRANCH_LABEL", "GIT_TAG", "REPOSITORY", "COMMIT_PAGES", "GITHUB_API", "READ_TOKEN"],
  ...["MAIL_SERVER", "MAIL_USER", "MAIL_FROM", "MAIL_TO"],
  ...["TARGET_URL", "CREATED", "NAMESPACE", "WORKFLOW", "STEPS", "COMMIT"],
] as const;
type Given = Variables<(typeof variables)[number]>;

/**
 * Seconds of one request, and the longest that a service is waited for when it has too many. Mail servers may take their time
 * before they say anything.
 */
const limits = { request: 10, patience: 60, mail: 60 };

if (import.meta.main) await runReport(() => notify(readVariables(variables)));

async function notify(given: Given): Promise<void> {
  const outcome = given.STATUS === "Succeeded" ? await recovered(given) : await failed(given);
  if (outcome === undefined) return;
  const news = await newsOf(outcome, given);
  for (const channel of words(given.CHANNELS)) await send(channel, news, given);
}

/** What is news of a build. */
interface Notified extends Pick<News, "event" | "why"> {
  /** The own Workflow. */
  readonly workflow: unknown;
}

async function failed(given: Given): Promise<Notified | undefined> {
  if (!words(given.EVENTS).includes("failed")) return undefined;
  const workflow = await readFailed(given);
  const outcome = outcomeIn(workflow, given);
  if (isNotified(outcome)) return { event: "failed", why: outcome.description, workflow };
  console.log("nobody is notified: the build was stopped, or has published its image");
  return undefined;
}

/** A tag of git is built once, so that there is nothing before it. */
async function recovered(given: Given): Promise<Notified | undefined> {
  if (!words(given.EVENTS).includes("recovered") || given.GIT_TAG !== "") return undefined;
  const {
    NAMESPACE: namespace,
    WORKFLOW: workflow,
    SERVICE_LABEL: service,
    BRANCH_LABEL: branchLabel,
  } = given;
  const created = Number(given.CREATED);
  const asked = { namespace, workflow, created, service, branchLabel, steps: words(given.STEPS) };
  if (!(await recovers(asked))) return undefined;
  const answer = await read([namespace, "workflows", workflow]);
  return { event: "recovered", why: "", workflow: isDone(answer) ? parseJson(answer.text) : undefined };
}

async function newsOf({ event, why, workflow }: Notified, given: Given): Promise<News> {
  const commit = commitOf(workflow, given);
  return {
    event,
    why,
    commit,
    project: given.PROJECT,
    service: given.SERVICE,
    branch: given.GIT_TAG === "" ? given.BRANCH : given.GIT_TAG,
    commitPage: commit === "" ? "" : `${given.COMMIT_PAGES}/${commit}`,
    author: commit === "" ? "" : await authorOf(commit, given),
    page: given.TARGET_URL,
  };
}

async function authorOf(commit: string, given: Given): Promise<string> {
  const { GITHUB_API: api, REPOSITORY: slug, READ_TOKEN: file } = given;
  try {
    return await commitAuthor({ api, slug, token: file === "" ? "" : readSecret(file) }, commit);
  } catch (error) {
    console.log(`the author of ${commit} is not known: ${messageOf(error)}`);
    return "";
  }
}

async function send(channel: string, news: News, given: Given): Promise<void> {
  if (!isChannel(channel)) throw new Error(`there is no channel ${channel}`);
  const { isTaken, reason } =
    channel === "mail"
      ? await sendLetter(messages.mail(news), given)
      : await post(secretOf(channel, given), messages[channel](news));
  console.log(
    isTaken
      ? `notified ${channel}: ${news.event}${reason === "" ? "" : `, but ${reason}`}`
      : `could not notify ${channel} that the build has ${news.event}: ${reason}`,
  );
}

function isChannel(text: string): text is keyof typeof messages {
  return Object.hasOwn(messages, text);
}

function secretOf(channel: string, { CHANNEL_URLS: folder }: Given): string {
  return readSecret(join(folder, channel));
}

/** What has become of a message: of one that is taken, there is a reason only where somebody does not get it. */
interface Sent {
  readonly isTaken: boolean;
  readonly reason: string;
}

/** Once more only where the service has said that it has not taken it: nobody is notified twice. */
async function post(url: string, message: object): Promise<Sent> {
  const request = {
    method: "POST",
    url,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(message),
    seconds: limits.request,
  } as const;
  const first = await ask(request);
  if (first.code !== 429 || first.retryAfter > limits.patience) return sent(first);
  await wait(Math.max(1, first.retryAfter) * 1000);
  return sent(await ask(request));
}

function sent(answer: Answer): Sent {
  const isTaken = isDone(answer);
  return { isTaken, reason: isTaken ? "" : answer.reason };
}

function sendLetter(letter: Letter, given: Given): Promise<Sent> {
  return sendMail(letter, { from: given.MAIL_FROM, to: words(given.MAIL_TO) }, mailServer(given));
}

function mailServer(given: Given): MailServer {
  const { protocol, hostname: host, port } = new URL(given.MAIL_SERVER);
  const { MAIL_USER: user } = given;
  return {
    host,
    port: Number(port),
    isImplicit: protocol === "smtps:",
    login: user === "" ? undefined : { user, password: secretOf("mail", given) },
    seconds: limits.mail,
  };
}
