/** The shape of the sync settings of an application, with Argo CD's names. */
import { z } from "zod";
import * as field from "../fields.ts";
import { must, strict } from "../checks.ts";

export const ignoredDifference = strict({
  group: z
    .string()
    .regex(/^[a-z0-9.*-]*$/, {
      error: must("the name of an API group, or a pattern with `*`", "write it like apps"),
    })
    .default("")
    .describe("API group of the objects; '' for core."),
  kind: z
    .string()
    .regex(/^([A-Z][A-Za-z0-9]*|\*)$/, {
      error: must("a Kubernetes kind, or * for all of the group", "write it like Deployment"),
    })
    .describe("Kind of the objects, or *."),
  name: field.text.optional().describe("Name of a single object; without it, all of the kind."),
  namespace: field.text.optional().describe("Namespace of the objects; without it, any."),
  jsonPointers: z
    .array(
      z.string().regex(/^(\/([^~/]|~[01])+)+$/, {
        error: must("a JSON pointer (RFC 6901)", "write it like /spec/replicas"),
      }),
    )
    .default([])
    .describe("Fields that are ignored, as JSON pointers."),
  jqPathExpressions: z
    .array(
      z.string().regex(/^\s*\./, {
        error: must("a jq path", "write it like .spec.template.spec.containers[].resources"),
      }),
    )
    .default([])
    .describe("Fields that are ignored, as jq paths."),
  managedFieldsManagers: z
    .array(field.text)
    .default([])
    .describe("Field managers whose fields are ignored, e.g. kube-controller-manager."),
}).refine(
  (one) => one.jsonPointers.length + one.jqPathExpressions.length + one.managedFieldsManagers.length > 0,
  {
    error: must("an entry needs jsonPointers, jqPathExpressions or managedFieldsManagers", "add one of them"),
  },
);

/** argo-cd `docs/user-guide/sync-options.md`, without `CreateNamespace`: the program makes the namespaces. */
export const syncOption = z.enum([
  "ApplyOutOfSyncOnly=true",
  "ClientSideApplyMigration=false",
  "Delete=false",
  "FailOnSharedResource=true",
  "Prune=false",
  "PruneLast=true",
  "PrunePropagationPolicy=background",
  "PrunePropagationPolicy=foreground",
  "PrunePropagationPolicy=orphan",
  "Replace=true",
  "RespectIgnoreDifferences=true",
  "ServerSideApply=true",
  "SkipDryRunOnMissingResource=true",
  "Validate=false",
]);

/** Five fields of a cron expression: each a number within its bounds, or a name. */
const schedule = new RegExp(
  `^${[
    "0?[0-9]|[1-5][0-9]",
    "[01]?[0-9]|2[0-3]",
    "0?[1-9]|[12][0-9]|3[01]",
    "0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC",
    "[0-6]|SUN|MON|TUE|WED|THU|FRI|SAT",
  ]
    .map((value) => `(\\*|(${value})(-(${value}))?)(/[1-9][0-9]?)?`)
    .map((item) => `${item}(,${item})*`)
    .join(" ")}$`,
);

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** Argo CD refuses a descending range, such as FRI-MON, and with it the project and all of its applications. */
function goesForward(text: string): boolean {
  return [...text.matchAll(/(\w+)-(\w+)/g)].every(([, from = "", to = ""]) => placeOf(from) <= placeOf(to));
}

/** Months count from 1, days of the week from 0. */
function placeOf(text: string): number {
  if (months.includes(text)) return months.indexOf(text) + 1;
  return weekdays.includes(text) ? weekdays.indexOf(text) : Number(text);
}

/** The number of values of each field: a longer step would only match the first. */
const sizes = [60, 24, 31, 12, 7];

function stepsFit(text: string): boolean {
  return text
    .split(" ")
    .every((field, index) =>
      [...field.matchAll(/\/(\d+)/g)].every(([, step]) => Number(step) <= (sizes[index] ?? 0)),
    );
}

/** Days of each month; of February, those of a leap year. */
const lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The lowest value of a field's items, each a number, a name, a range or a step. */
function lowest(field: string): number {
  return Math.min(
    ...field.split(",").map((item) => (item.startsWith("*") ? 1 : placeOf(item.split(/[-/]/)[0] ?? ""))),
  );
}

/**
 * Whether such a day exists. With days of the week, either of the two is enough. Longer steps of these count as days
 * too: robfig/cron, which Argo CD uses, reads only * and a step of 1 as any day.
 */
function dayExists(text: string): boolean {
  const [, , day = "*", month = "*", weekday = "*"] = text.split(" ");
  if (!weekday.split(",").some((item) => item === "*" || item === "*/1")) return true;
  return lengths.some((length, index) => lowest(day) <= length && holdsMonth(month, index + 1));
}

function holdsMonth(field: string, month: number): boolean {
  return field.split(",").some((item) => {
    const [range = "", step = "1"] = item.split("/");
    const [from = "", to] = range.split("-");
    const first = from === "*" ? 1 : placeOf(from);
    const last = to === undefined ? (from === "*" || item.includes("/") ? 12 : first) : placeOf(to);
    return month >= first && month <= last && (month - first) % Number(step) === 0;
  });
}

export const syncWindow = strict({
  kind: z
    .enum(["allow", "deny"])
    .describe("allow: syncs happen only in such windows; deny: no syncs happen in them."),
  schedule: z
    .string()
    .regex(schedule, {
      error: must(
        "a cron expression of minute, hour, day, month and day of the week",
        'write it like "0 22 * * MON-FRI"',
      ),
      abort: true,
    })
    .refine(goesForward, {
      error: must(
        "a cron expression with ascending ranges; the week begins with SUN",
        'write two ranges with a comma, such as "0 22 * * FRI-SAT,SUN-MON"',
      ),
      abort: true,
    })
    .refine(stepsFit, {
      error: must(
        "a cron expression whose steps fit into an hour, a day, a month, a year or a week",
        'write the hours too, such as "0 */2 * * *"',
      ),
      abort: true,
    })
    .refine(dayExists, {
      error: must(
        "a cron expression that can match: none of the named months has this day",
        'correct day or month, such as "0 0 28 2 *"',
      ),
    })
    .describe("When the window opens: a cron expression of five fields."),
  duration: field.seconds.describe("How long it stays open."),
  timeZone: z
    .string()
    .refine(isTimeZone, {
      error: must("a time zone of the IANA database, in its own spelling", "write it like Asia/Seoul"),
    })
    .default("UTC")
    .describe("Time zone of the schedule."),
  manualSync: z
    .boolean()
    .default(false)
    .describe("Whether a person may sync in Argo CD's user interface while the window forbids it."),
});

/** Argo CD reads another spelling, and an offset, as UTC. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Z]/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return timeZone.toLowerCase() !== name.toLowerCase() || timeZone === name;
  } catch {
    return false;
  }
}
