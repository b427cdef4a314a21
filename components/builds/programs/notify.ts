/**
 * Sends notifications of builds that fail, and of the first success after a failure. Runs when the Workflow has ended,
 * alongside end.ts, and always exits with 0, since a build does not depend on its notifications.
 *
 * STATUS        status of the Workflow: Succeeded, Failed or Error
 * EVENTS        events to send: failed, recovered; separated by spaces
 * CHANNELS      services to use: slack, discord, webhook, mail; separated by spaces
 * CHANNEL_URLS  folder with a file per channel, which has its secret URL; for mail, the password
 * MAIL_SERVER   smtps://host:port, or smtp://host:port with STARTTLS; empty without mail
 * MAIL_USER     user of the login; empty without one
 * MAIL_FROM     the sender
 * MAIL_TO       the recipients, separated by spaces
 * PROJECT       name of the project
 * SERVICE       name of the service
 * SERVICE_LABEL the Workflow's label argo-cicd/service
 * BRANCH        branch that is built
 * BRANCH_LABEL  the Workflow's label argo-cicd/branch
 * GIT_TAG       git tag that is built; empty if it is the branch
 * REPOSITORY    owner/name
 * CREATED       when the Workflow was created, in seconds since 1970
 * COMMITS_URL  base URL of the pages of commits
 * GITHUB_API    URL of GitHub's API
 * READ_TOKEN    file with a token that reads the repository; empty if it is public
 * TARGET_URL    link of the message; may be empty
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
import type { Mail } from "./mail.ts";
import { send as sendMail } from "./mail.ts";
import type { News } from "./message.ts";
import { messages } from "./message.ts";
import { isNotified, recovers } from "./previous.ts";
import { messageOf, runReport } from "./program.ts";
import type { MailServer } from "./smtp.ts";
import { words } from "./text.ts";

export const variables = [
  ...["STATUS", "EVENTS", "CHANNELS", "CHANNEL_URLS", "PROJECT", "SERVICE", "SERVICE_LABEL"],
  ...["BRANCH", "BRANCH_LABEL", "GIT_TAG", "REPOSITORY", "COMMITS_URL", "GITHUB_API", "READ_TOKEN"],
  ...["MAIL_SERVER", "MAIL_USER", "MAIL_FROM", "MAIL_TO"],
  ...["TARGET_URL", "CREATED", "NAMESPACE", "WORKFLOW", "STEPS", "COMMIT"],
] as const;
type Env = Variables<(typeof variables)[number]>;

/** In seconds: the timeout of a request, the longest wait for Retry-After, and the timeout of (slow) mail servers. */
const limits = { request: 10, maxWait: 60, mail: 60 };

if (import.meta.main) await runReport(() => notify(readVariables(variables)));

async function notify(env: Env): Promise<void> {
  const outcome = env.STATUS === "Succeeded" ? await recovered(env) : await failed(env);
  if (outcome === undefined) return;
  const news = await newsOf(outcome, env);
  for (const channel of words(env.CHANNELS)) await send(channel, news, env);
}

interface Notification extends Pick<News, "event" | "why"> {
  /** This build's Workflow. */
  readonly workflow: unknown;
}

async function failed(env: Env): Promise<Notification | undefined> {
  if (!words(env.EVENTS).includes("failed")) return undefined;
  const workflow = await readFailed(env);
  const outcome = outcomeIn(workflow, env);
  if (isNotified(outcome)) return { event: "failed", why: outcome.description, workflow };
  console.log("no notification: the build was stopped, or its image is published");
  return undefined;
}

/** A git tag is built only once, so it has no earlier build. */
async function recovered(env: Env): Promise<Notification | undefined> {
  if (!words(env.EVENTS).includes("recovered") || env.GIT_TAG !== "") return undefined;
  const { NAMESPACE: namespace, WORKFLOW: workflow, SERVICE_LABEL: service, BRANCH_LABEL: branchLabel } = env;
  const created = Number(env.CREATED);
  const build = { namespace, workflow, created, service, branchLabel, steps: words(env.STEPS) };
  if (!(await recovers(build))) return undefined;
  const answer = await read([namespace, "workflows", workflow]);
  return { event: "recovered", why: "", workflow: isDone(answer) ? parseJson(answer.text) : undefined };
}

async function newsOf({ event, why, workflow }: Notification, env: Env): Promise<News> {
  const commit = commitOf(workflow, env);
  return {
    event,
    why,
    commit,
    project: env.PROJECT,
    service: env.SERVICE,
    branch: env.GIT_TAG === "" ? env.BRANCH : env.GIT_TAG,
    commitUrl: commit === "" ? "" : `${env.COMMITS_URL}/${commit}`,
    author: commit === "" ? "" : await authorOf(commit, env),
    url: env.TARGET_URL,
  };
}

async function authorOf(commit: string, env: Env): Promise<string> {
  const { GITHUB_API: api, REPOSITORY: slug, READ_TOKEN: file } = env;
  try {
    return await commitAuthor({ api, slug, token: file === "" ? "" : readSecret(file) }, commit);
  } catch (error) {
    console.log(`cannot read the author of ${commit}: ${messageOf(error)}`);
    return "";
  }
}

async function send(channel: string, news: News, env: Env): Promise<void> {
  if (!isChannel(channel)) throw new Error(`there is no channel ${channel}`);
  const { isAccepted, reason } =
    channel === "mail"
      ? await sendToMail(messages.mail(news), env)
      : await post(secretOf(channel, env), messages[channel](news));
  console.log(
    isAccepted
      ? `notified ${channel}: ${news.event}${reason === "" ? "" : `, but ${reason}`}`
      : `could not notify ${channel} that the build has ${news.event}: ${reason}`,
  );
}

function isChannel(text: string): text is keyof typeof messages {
  return Object.hasOwn(messages, text);
}

function secretOf(channel: string, { CHANNEL_URLS: folder }: Env): string {
  return readSecret(join(folder, channel));
}

interface Delivery {
  readonly isAccepted: boolean;
  /** Why it was not delivered, or not to all recipients; otherwise empty. */
  readonly reason: string;
}

/** Retries only after 429, when the service has not accepted the message, so that nobody is notified twice. */
async function post(url: string, message: object): Promise<Delivery> {
  const request = {
    method: "POST",
    url,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(message),
    seconds: limits.request,
  } as const;
  const first = await ask(request);
  if (first.code !== 429 || first.retryAfter > limits.maxWait) return delivery(first);
  await wait(Math.max(1, first.retryAfter) * 1000);
  return delivery(await ask(request));
}

function delivery(answer: Answer): Delivery {
  const isAccepted = isDone(answer);
  return { isAccepted, reason: isAccepted ? "" : answer.reason };
}

function sendToMail(mail: Mail, env: Env): Promise<Delivery> {
  return sendMail(mail, { from: env.MAIL_FROM, to: words(env.MAIL_TO) }, mailServer(env));
}

function mailServer(env: Env): MailServer {
  const { protocol, hostname: host, port } = new URL(env.MAIL_SERVER);
  const { MAIL_USER: user } = env;
  return {
    host,
    port: Number(port),
    implicitTls: protocol === "smtps:",
    login: user === "" ? undefined : { user, password: secretOf("mail", env) },
    seconds: limits.mail,
  };
}
