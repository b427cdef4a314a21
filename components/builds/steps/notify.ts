import type { Build, MailNotifications, BuildNotifications } from "../build.ts";
import { accounts } from "../build.ts";
import { images } from "../images.ts";
import { buildLabels } from "../labels.ts";
import { buildLabel } from "../programs/labels.ts";
import type { Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import { implicitTlsPort } from "../../kinds/notifications.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { appTokens, before } from "./app-tokens.ts";
import { endedWorkflow } from "./ended.ts";
import { toolVolumes } from "./mounts.ts";
import { parameter } from "./step.ts";
import { tokenFile } from "./tokens.ts";
import { stepLimit, tool, workflowUrl } from "./tool.ts";

const folders = { urls: "/notifications", read: "/read-token" };

/** Notifies people of the end of a build. Is not retried: it may have notified some of them. */
export function notify(build: Build, notifications: BuildNotifications): PodTemplate {
  // Everybody may read what a message contains about a public repository.
  const permission = build.cloneToken === undefined ? "metadata:read" : "contents:read";
  const repositories = [build.repository.name];
  const read = tokenFile("read-token", folders.read, notifications.readToken, { permission, repositories });
  const made = before(appTokens(build.network, [read]));
  const urls = secretsOf(notifications);
  return {
    name: "notify",
    serviceAccountName: accounts.control,
    activeDeadlineSeconds: stepLimit,
    volumes: [...toolVolumes(build), ...read.volumes, ...urls.volumes, ...made.volumes],
    ...made.init,
    container: tool({
      image: images.node,
      network: build.network,
      scripts: ["notify.ts"],
      env: environment(build, notifications),
      mounts: [...read.mounts, ...urls.mounts],
      asAccount: true,
    }),
  };
}

function environment(build: Build, notifications: BuildNotifications): Record<string, string> {
  const { project, branch, repository } = build;
  const labels = buildLabels(project, repository, branch);
  return {
    STATUS: "{{workflow.status}}",
    EVENTS: notifications.events.join(" "),
    CHANNELS: notifications.channels.join(" "),
    CHANNEL_URLS: folders.urls,
    ...mailEnvironment(notifications.mail),
    PROJECT: project,
    SERVICE: repository.service,
    SERVICE_LABEL: labels[buildLabel.service],
    BRANCH: branch,
    BRANCH_LABEL: labels[buildLabel.branch],
    GIT_TAG: parameter.tag,
    REPOSITORY: repository.slug,
    CREATED: "{{workflow.creationTimestamp.s}}",
    COMMITS_URL: `${notifications.github}/${repository.slug}/commit`,
    GITHUB_API: notifications.api,
    READ_TOKEN: notifications.readToken === undefined ? "" : `${folders.read}/token`,
    TARGET_URL: workflowUrl(notifications.workflowsUrl),
    ...endedWorkflow(build),
  };
}

function mailEnvironment(mail: MailNotifications | undefined): Record<string, string> {
  if (mail === undefined) return { MAIL_SERVER: "", MAIL_USER: "", MAIL_FROM: "", MAIL_TO: "" };
  const { host, port, from, username = "", to } = mail;
  const scheme = port === implicitTlsPort ? "smtps" : "smtp";
  return {
    MAIL_SERVER: `${scheme}://${host}:${port.toString()}`,
    MAIL_USER: username,
    MAIL_FROM: from,
    MAIL_TO: to.join(" "),
  };
}

/** Secrets as files, so that they are in no environment. */
function secretsOf({ secret, channels, mail }: BuildNotifications): {
  readonly volumes: readonly Volume[];
  readonly mounts: readonly VolumeMount[];
} {
  const name = "notifications";
  // Mail without a login has no password.
  const secrets = channels.filter((channel) => channel !== "mail" || mail?.username !== undefined);
  if (secrets.length === 0) return { volumes: [], mounts: [] };
  const items = secrets.map((channel) => ({ key: channel, path: channel }));
  return {
    volumes: [{ name, secret: { secretName: secret, items } }],
    mounts: [{ name, mountPath: folders.urls, readOnly: true }],
  };
}
