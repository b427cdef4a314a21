/** Chooses the longest record of deployments: GitHub's, or else the cluster's Workflows. */
import type { Build } from "../../components/builds/build.ts";
import { labelValue } from "../../components/builds/labels.ts";
import { mapPool } from "../../components/builds/programs/pool.ts";
import { messageOf } from "../../components/builds/programs/program.ts";
import { serviceReportName } from "../../components/report-names.ts";
import type { Deployment } from "./deployments.ts";
import type { DeploymentRecord } from "./figures.ts";
import { daysBefore, period } from "./figures.ts";
import type { GitHub, Recorder } from "./github.ts";
import { readDeployments } from "./github.ts";
import { daysText } from "./words.ts";

const secondsPerDay = 86_400;

/** Concurrent requests to GitHub, which limits them for each token. */
const atOnce = 8;

interface Given {
  /** The deployments in Workflows. */
  readonly own: readonly Deployment[];
  /** The builds that wait until their image is live, and so have deployments. */
  readonly waiting: readonly Build[];
  readonly github: GitHub | undefined;
  /** How long every finished Workflow is kept, in seconds. */
  readonly keep: number;
  readonly now: Date;
}

export async function recordOf({ own, waiting, github, keep, now }: Given): Promise<DeploymentRecord> {
  const recorders = waiting.flatMap(recorderOf);
  if (recorders.length === 0) return ofWorkflows(own, keep, "Builds create no Deployments at GitHub.");
  if (github === undefined) return ofWorkflows(own, keep, notAsked);
  const from = daysBefore(now, period);
  const answers = await mapPool(recorders, atOnce, (one) => attempt(github, one, from));
  const given = answers.flatMap(({ deployments }) => deployments ?? []);
  const errors = answers.flatMap(({ error }) => error ?? []);
  if (errors.length === recorders.length)
    return ofWorkflows(own, keep, `GitHub returned no Deployments: ${errors[0] ?? ""}.`);
  const lacks = errors.map((error) => `Not counted, because GitHub did not return it: ${error}.`);
  return { source: "GitHub", days: period, deployments: given, lacks };
}

const notAsked =
  "GitHub was not queried, for lack of a token: set STATUS_TOKEN, or PULUMI_CONFIG_PASSPHRASE for that of the stack file.";

/** Empty if it creates no Deployments. */
function recorderOf({ live, statuses, repository }: Build): Recorder[] {
  if (live?.deployments === undefined) return [];
  const { service, slug } = repository;
  const context = serviceReportName(statuses?.context ?? "", repository);
  return [
    {
      service: labelValue(service),
      slug,
      environment: serviceReportName(live.environment, repository),
      context,
    },
  ];
}

interface Attempt {
  readonly deployments?: readonly Deployment[];
  readonly error?: string;
}

async function attempt(github: GitHub, recorder: Recorder, from: Date): Promise<Attempt> {
  try {
    return { deployments: await readDeployments(github, recorder, from) };
  } catch (error) {
    return { error: `${recorder.service} (${messageOf(error)})` };
  }
}

function ofWorkflows(deployments: readonly Deployment[], keep: number, because: string): DeploymentRecord {
  const days = Math.min(period, keep / secondsPerDay);
  const kept = `Workflows are kept for ${daysText(days)} (builds.keep, builds.keepSucceeded): earlier deployments are not known.`;
  return { source: "Workflows", days, deployments, lacks: [because, ...(days < period ? [kept] : [])] };
}
