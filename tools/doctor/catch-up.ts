/** Reports when the last check for lost pushes ended, and its outcome. */
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
  return attempted(path, "the checks for lost pushes", async () => {
    const plan = await cluster.get(`${base}/cronworkflows/${derived.catchUp}`);
    if (plan === undefined)
      return [warn(path, `there is no CronWorkflow ${derived.catchUp}`, "`pulumi up` creates it")];
    const label = encodeURIComponent(buildLabel.catchUp);
    const checks = listAt(await cluster.get(`${base}/workflows?labelSelector=${label}`), "items");
    return planProblems(plan, namespaces.builds).concat(lastFindings(examined, checks));
  });
};

function planProblems(plan: unknown, namespace: string): Finding[] {
  if (at(plan, "spec", "suspend") !== true) return [];
  const fix = `\`argo cron resume ${derived.catchUp} --namespace ${namespace}\``;
  return [warn(path, "the CronWorkflow is suspended, so lost pushes are not found", fix)];
}

function lastFindings({ settings, now }: Examined, checks: readonly unknown[]): Finding[] {
  const { every } = settings.builds.catchUp;
  const ended = checks.filter((one) => textAt(one, "status", "finishedAt") !== "");
  const last = ended.toSorted((a, b) => finished(b) - finished(a))[0];
  if (last === undefined) return [warn(path, "no check for lost pushes has ended yet")];
  const minutes = Math.round((now().getTime() - finished(last)) / 60_000);
  const when = `the last check for lost pushes ended ${minutes.toString()} min ago`;
  const log = `see \`argo logs ${shown(textAt(last, "metadata", "name"))} --namespace ${settings.namespaces.builds}\``;
  if (minutes > overdue(every))
    return [
      bad(path, `${when}, but one is due every ${every.toString()} min`, "see the workflow controller's log"),
    ];
  if (textAt(last, "status", "phase") !== "Succeeded") {
    const why = shown(textAt(last, "status", "message")) || "no reason given";
    return [bad(path, `${when} and failed (${why})`, log)];
  }
  const unanswered = Number(output(last, "unanswered"));
  return unanswered > 0
    ? [warn(path, `${when}; ${unanswered.toString()} services could not be checked completely`, log)]
    : [good(path, `${when}; builds started: ${output(last, "started") || "0"}`)];
}

/** In minutes. A check takes up to half an hour. */
function overdue(every: number): number {
  return every + every + 30;
}

function finished(check: unknown): number {
  return Date.parse(textAt(check, "status", "finishedAt"));
}

function output(check: unknown, name: string): string {
  const outputs = valuesAt(check, "status", "nodes").flatMap((node) => listAt(node, "outputs", "parameters"));
  return textAt(
    outputs.find((one) => textAt(one, "name") === name),
    "value",
  ).replace(/\D/g, "");
}
