/** Finds and builds the commits of lost pushes: one CronWorkflow for all builds of a stack. */
import * as derived from "../derived-names.ts";
import type { Network } from "../kinds/network.ts";
import type { CronWorkflowSpec, Metric, PodTemplate, WorkflowTemplateSpec } from "../kinds/workflows.ts";
import type { DnsLabel } from "../names.ts";
import { accounts, withoutServiceLinks } from "./build.ts";
import type { CatchUpTokens } from "./catch-up-files.ts";
import { buildsKey, files, folders, reportFile } from "./catch-up-files.ts";
import { images } from "./images.ts";
import type { DeclaredBuild } from "./programs/declared.ts";
import { buildLabel } from "./programs/labels.ts";
import { appTokens, before } from "./steps/app-tokens.ts";
import { result, toolVolumes } from "./steps/mounts.ts";
import { tool } from "./steps/tool.ts";

export interface CatchUp extends CatchUpTokens {
  readonly namespace: DnsLabel;
  /** In minutes: a divisor of an hour or of a day. */
  readonly every: number;
  /** In minutes: shifts the schedule, so that stacks do not all run at once. */
  readonly offset: number;
  readonly builds: readonly DeclaredBuild[];
  /** The URL of GitHub's API. */
  readonly api: string;
  readonly registry: string;
  readonly insecure: boolean;
  readonly network: Network;
  /** Undefined if builds do not wait until their images are rolled out. */
  readonly delivery: CatchUpDelivery | undefined;
  /** A regular expression for the Git tags that are built; empty if none are. */
  readonly gitTags: string;
  /** Seconds that a finished Workflow is kept. */
  readonly keep: number;
}

interface CatchUpDelivery {
  /** The Applications' namespace. */
  readonly namespace: DnsLabel;
  /** The URL of the Image Updater's webhook. */
  readonly updaterUrl: string;
}

/** In seconds: the wait before a lost push is checked again. A pending delivery has created its Workflow by then. */
const settle = 60;

/** In seconds: how long a pod may outlive its deadline before it is removed: clocks differ, and nodes may be slow. */
const stranded = 120;

/** In seconds: for the program, if every server answers at the last moment, and including the time to schedule it. */
const limits = { program: 900, all: 1800 };

/** A missed run is made up for, once: most pushes are lost while nothing can run. */
export function catchUpSchedule({ every, offset }: CatchUp): CronWorkflowSpec {
  return {
    schedules: [schedule(every, offset)],
    timezone: "UTC",
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: every * 60,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 3,
    workflowSpec: { workflowTemplateRef: { name: derived.catchUp } },
  };
}

/** In cron syntax. The step after `/` counts from the start of each hour or day. */
function schedule(minutes: number, offset: number): string {
  if (minutes < 60) return `${(offset % minutes).toString()}-59/${minutes.toString()} * * * *`;
  const minute = (offset % 60).toString();
  const hours = minutes / 60;
  if (hours === 1) return `${minute} * * * *`;
  const hour = Math.floor(offset / 60) % hours;
  return hours === 24
    ? `${minute} ${hour.toString()} * * *`
    : `${minute} ${hour.toString()}-23/${hours.toString()} * * *`;
}

/** Started by the CronWorkflow, or by hand. */
export function catchUpTemplate(args: CatchUp): WorkflowTemplateSpec {
  return {
    entrypoint: "catch-up",
    serviceAccountName: accounts.catchUp,
    ...(args.pullSecret === undefined ? {} : { imagePullSecrets: [{ name: args.pullSecret }] }),
    activeDeadlineSeconds: limits.all,
    ttlStrategy: { secondsAfterCompletion: args.keep },
    podGC: { strategy: "OnPodSuccess" },
    podSpecPatch: withoutServiceLinks,
    workflowMetadata: { labels: { [buildLabel.catchUp]: "true" } },
    templates: [podTemplate(args)],
  };
}

/** Is not retried: the next run follows soon. */
function podTemplate(args: CatchUp): PodTemplate {
  const { volumes, mounts, accesses } = files(args);
  const made = before(appTokens(args.network, accesses));
  return {
    name: "catch-up",
    outputs: { parameters: [result("started"), result("unanswered"), result("settled")] },
    activeDeadlineSeconds: limits.program,
    metrics: { prometheus: metrics },
    volumes: [...toolVolumes(args), ...volumes, ...made.volumes],
    ...made.init,
    container: tool({
      image: images.node,
      network: args.network,
      scripts: ["catch-up.ts"],
      env: {
        BUILDS: `${folders.builds}/${buildsKey}`,
        CLONE_TOKENS: folders.clone,
        GITHUB_API: args.api,
        TOKEN_FILE: reportFile(args),
        REGISTRY: args.registry,
        INSECURE: args.insecure.toString(),
        DOCKER_CONFIG: folders.login,
        APPLICATIONS_NAMESPACE: args.delivery?.namespace ?? "",
        UPDATER: args.delivery?.updaterUrl ?? "",
        UPDATER_TOKEN_FILE: `${folders.updater}/token`,
        GIT_TAGS: args.gitTags,
        SETTLE: settle.toString(),
        STRANDED: stranded.toString(),
        NAMESPACE: "{{workflow.namespace}}",
      },
      mounts,
      memory: "512Mi",
      asAccount: true,
    }),
  };
}

/** Do not reword `help`: until its controller restarts, Argo rejects a metric whose help has changed. */
const metrics: readonly Metric[] = [
  {
    name: "caught_up_pushes",
    help: "Builds that the last look for lost pushes has started",
    gauge: { value: "{{outputs.parameters.started}}", realtime: false },
  },
  {
    name: "caught_up_pushes_total",
    help: "Builds that looks for lost pushes have started",
    counter: { value: "{{outputs.parameters.started}}" },
  },
  {
    name: "catch_up_unanswered",
    help: "Services for which the last look for lost pushes could not ask git, the registry, GitHub or Kubernetes",
    gauge: { value: "{{outputs.parameters.unanswered}}", realtime: false },
  },
];
