/** When lost pushes were looked for the last time, and what came of it. */
import { buildLabel } from "../../components/builds/programs/labels.ts";
import { at, listAt, textAt, valuesAt } from "../../components/builds/programs/json.ts";
import * as derived from "../../components/derived-names.ts";
import { shown } from "../../components/watch/objects.ts";
import type { ClusterCheck, Examined, Finding } from "./finding.ts";
import { attempted, bad, good, warn } from "./finding.ts";

const path = "builds.catchUp";

export const catchUp: ClusterCheck = (examined, cluster) => {
  const { builds, namespaces } = examined.settings;
  if (!builds.catchUp.enabled) return Promise.resolve([]);
  const base = `/apis/argoproj.io/v1alpha1/namespaces/${namespaces.builds}`;
  return attempted(path, "the looks for lost pushes", async () => {
    const plan = await cluster.get(`${base}/cronworkflows/${derived.catchUp}`);
    if (plan === undefined)
      return [warn(path, `there is no CronWorkflow ${derived.catchUp}`, "`pulumi up` makes it")];
    const label = encodeURIComponent(buildLabel.look);
    const looks = listAt(await cluster.get(`${base}/workflows?labelSelector=${label}`), "items");
    return planProblems(plan).concat(lastFindings(examined, looks));
  });
};

function planProblems(plan: unknown): Finding[] {
  if (at(plan, "spec", "suspend") !== true) return [];
  return [warn(path, "the CronWorkflow is suspended: lost pushes stay lost", "`argo cron resume catch-up`")];
}

function lastFindings({ settings, now }: Examined, looks: readonly unknown[]): Finding[] {
  const { every } = settings.builds.catchUp;
  const ended = looks.filter((one) => textAt(one, "status", "finishedAt") !== "");
  const last = ended.toSorted((a, b) => finished(b) - finished(a))[0];
  if (last === undefined) return [warn(path, "no look for lost pushes has ended yet")];
  const minutes = Math.round((now().getTime() - finished(last)) / 60_000);
  const when = `the last look for lost pushes ended ${minutes.toString()} min ago`;
  const log = `see \`argo logs ${shown(textAt(last, "metadata", "name"))} --namespace ${settings.namespaces.builds}\``;
  if (minutes > overdue(every))
    return [
      bad(
        path,
        `${when}, and there is one every ${every.toString()} min`,
        "see the workflow controller's log",
      ),
    ];
  if (textAt(last, "status", "phase") !== "Succeeded") {
    const why = shown(textAt(last, "status", "message")) || "no reason is given";
    return [bad(path, `${when} and failed (${why})`, log)];
  }
  const unanswered = Number(output(last, "unanswered"));
  return unanswered > 0
    ? [warn(path, `${when}; for ${unanswered.toString()} services it could not ask all it needs`, log)]
    : [good(path, `${when}; builds that it started: ${output(last, "started") || "0"}`)];
}

/** Minutes after which one is missing: a look takes up to half an hour. */
function overdue(every: number): number {
  return every + every + 30;
}

function finished(look: unknown): number {
  return Date.parse(textAt(look, "status", "finishedAt"));
}

function output(look: unknown, name: string): string {
  const outputs = valuesAt(look, "status", "nodes").flatMap((node) => listAt(node, "outputs", "parameters"));
  return textAt(
    outputs.find((one) => textAt(one, "name") === name),
    "value",
  ).replace(/\D/g, "");
}
