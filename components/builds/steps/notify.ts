import type { Build, ToldPeople } from "../build.ts";
import { accounts } from "../build.ts";
import { images } from "../images.ts";
import { buildLabels } from "../labels.ts";
import { buildLabel } from "../programs/labels.ts";
import type { Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import type { PodTemplate } from "../../kinds/workflows.ts";
import { appTokens, before } from "./app-tokens.ts";
import { endedWorkflow } from "./ended.ts";
import { toolVolumes } from "./mounts.ts";
import { parameter } from "./step.ts";
import { tokenFile } from "./tokens.ts";
import { stepLimit, tool, workflowPage } from "./tool.ts";

const folders = { urls: "/notifications", read: "/read-token" };

/** Tells people of the end of a build. Is not tried again: it may have told some of them. */
export function notify(build: Build, told: ToldPeople): PodTemplate {
  // Of a public repository everybody may read what a message says.
  const permission = build.cloneToken === undefined ? "metadata:read" : "contents:read";
  const repositories = [build.repository.name];
  const read = tokenFile("read-token", folders.read, told.readToken, { permission, repositories });
  const made = before(appTokens(build.network, [read]));
  const urls = addresses(told);
  return {
    name: "notify",
    serviceAccountName: accounts.control,
    activeDeadlineSeconds: stepLimit,
    volumes: [...toolVolumes(build), ...read.volumes, urls.volume, ...made.volumes],
    ...made.init,
    container: tool({
      image: images.node,
      network: build.network,
      scripts: ["notify.ts"],
      env: environment(build, told),
      mounts: [...read.mounts, urls.mount],
      asAccount: true,
    }),
  };
}

function environment(build: Build, told: ToldPeople): Record<string, string> {
  const { project, branch, repository } = build;
  const labels = buildLabels(project, repository, branch);
  return {
    STATUS: "{{workflow.status}}",
    EVENTS: told.events.join(" "),
    CHANNELS: told.channels.join(" "),
    CHANNEL_URLS: folders.urls,
    PROJECT: project,
    SERVICE: repository.service,
    SERVICE_LABEL: labels[buildLabel.service] ?? "",
    BRANCH: branch,
    BRANCH_LABEL: labels[buildLabel.branch] ?? "",
    GIT_TAG: parameter.tag,
    REPOSITORY: repository.slug,
    CREATED: "{{workflow.creationTimestamp.s}}",
    COMMIT_PAGES: `${told.github}/${repository.slug}/commit`,
    GITHUB_API: told.api,
    READ_TOKEN: told.readToken === undefined ? "" : `${folders.read}/token`,
    TARGET_URL: workflowPage(told.page),
    ...endedWorkflow(build),
  };
}

/** Read as files, so that they are in no environment. */
function addresses({ secret, channels }: ToldPeople): {
  readonly volume: Volume;
  readonly mount: VolumeMount;
} {
  const name = "notifications";
  const items = channels.map((channel) => ({ key: channel, path: channel }));
  return {
    volume: { name, secret: { secretName: secret, items } },
    mount: { name, mountPath: folders.urls, readOnly: true },
  };
}
