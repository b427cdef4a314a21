/** Values in a stack file: quantities, durations, ports and others. addresses.ts has URLs and hosts, paths.ts paths. */
import { z } from "zod";
import { empty, must } from "./checks.ts";
import { hasHost, wrongHost } from "./addresses.ts";
import { hostAndPort } from "./hosts.ts";

export { partOfRepository, repositoryPath, rootedPath } from "./paths.ts";

/** Any text that is not blank, for values without a format of their own. */
export const text = z.string().regex(/\S/, { error: empty });

/** A secret that programs send in one line, such as a token. A copied line break would become part of it. */
export const secretLine = text.refine((secret) => !/\p{Cc}/u.test(secret), {
  error: must(
    "one line, without a line break",
    "set it again without the line break, or only its first line",
  ),
});

const units = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/** Kubernetes counts the seconds of a pod in 32 bits, and Go the nanoseconds of a duration in 64. */
const maxDays = 3650;

/** A duration such as `90s`, `30m`, `2h` or `7d`, parsed into seconds. */
export const seconds = z
  .string()
  .regex(/^[1-9][0-9]{0,5}[smhd]$/, {
    error: must("a duration: a whole number followed by s, m, h or d", "write it like 30m"),
  })
  .transform(secondsOf)
  .refine((seconds) => seconds <= maxDays * units.d, {
    error: must(`a duration of at most ${maxDays.toString()}d (ten years)`, "write a shorter one"),
  });

const minTimeLimit = 10;

/** The time limit of a pod, in seconds. It includes the time that the pod takes to start. */
export const timeLimit = seconds.refine((seconds) => seconds >= minTimeLimit, {
  error: must(`a time in which a pod can start: ${minTimeLimit.toString()}s or more`, "write it like 30m"),
});

/** @param text a checked duration: a number and the letter of its unit */
function secondsOf(text: string): number {
  return Number(text.slice(0, -1)) * units[text.slice(-1) as keyof typeof units];
}

/** Seconds as a Go duration, in hours or minutes if they divide evenly. */
export function goDuration(seconds: number): string {
  if (seconds % 3600 === 0) return `${(seconds / 3600).toString()}h`;
  return seconds % 60 === 0 ? `${(seconds / 60).toString()}m` : `${seconds.toString()}s`;
}

/** The intervals that cron can express, in minutes: those that divide an hour or a day evenly. */
const periods = [5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];
const periodError = must(
  "a period that divides an hour or a day evenly: 5m, 6m, 10m, 12m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h or 1d",
  "write the nearest of these",
);

/** An interval that cron can express, parsed into minutes. */
export const period = z
  .string({ error: periodError })
  .regex(/^[1-9][0-9]{0,3}[mhd]$/, { error: periodError })
  .transform((text) => secondsOf(text) / 60)
  .refine((minutes) => periods.includes(minutes), { error: periodError });

/** A Kubernetes CPU quantity. */
export const cpu = z
  .string()
  .regex(/^([1-9][0-9]{0,6}m?|0\.[0-9]{0,8}[1-9][0-9]{0,8}|[1-9][0-9]{0,6}\.[0-9]{1,9})$/, {
    error: must("a Kubernetes CPU quantity, in quotes", 'write it like "500m" or "2"'),
  });

/** A Kubernetes memory or storage quantity, in binary units. */
export const bytes = z.string().regex(/^([1-9][0-9]{0,9}(Ki|Mi|Gi)|[1-9][0-9]{0,5}Ti)$/, {
  error: must("a Kubernetes quantity with a binary unit, below 1Ei", "write it like 512Mi or 10Gi"),
});

/** The size of a volume. Many storage systems have no volumes below 1Gi. */
export const volumeSize = z.string().regex(/^([1-9][0-9]{0,9}Gi|[1-9][0-9]{0,5}Ti)$/, {
  error: must("a volume size of 1Gi or more, in Gi or Ti", "write it like 10Gi"),
});

/** A port on which an unprivileged process may listen. Argo Events' pods serve their metrics on 7777. */
const podPortError = {
  error: must("a port: a whole number from 1024 to 65535, except 7777", "choose another one in that range"),
};
export const podPort = z
  .number(podPortError)
  .int(podPortError)
  .min(1024, podPortError)
  .max(65535, podPortError)
  .refine((port) => port !== 7777, podPortError);

/** A Kubernetes NodePort, in the API server's default range. */
const nodePortError = {
  error: must("a NodePort: a whole number from 30000 to 32767", "choose a free one in that range"),
};
export const nodePort = z
  .number(nodePortError)
  .int(nodePortError)
  .min(30000, nodePortError)
  .max(32767, nodePortError);

/** More would be a mistake, and programs in the cluster count in 32 bits. */
const maxCount = 1_000_000;

/** A whole number from 1. */
export function count(what: string) {
  const error = {
    error: must(`${what}: a whole number from 1 to ${maxCount.toString()}`, "write a number like 4"),
  };
  return z.number(error).int(error).min(1, error).max(maxCount, error);
}

const separator = String.raw`(\.|__?|-+)`;
const component = `[a-z0-9]+(${separator}[a-z0-9]+)*`;

/** An image repository that may contain `{image}`, which stands for the image that it belongs to. */
export const cacheRepository = z
  .string()
  .regex(
    new RegExp(
      String.raw`^(\{image\}[a-z0-9]*((\/|${separator})[a-z0-9]+)*|(${hostAndPort}\/)?${component}(\/${component})*)$`,
    ),
    {
      error: must(
        "an image repository without a tag; it may begin with {image}",
        "write it like {image}-cache",
      ),
    },
  );

/** A registry's host and port, and the path below which it mirrors another registry. */
export const mirror = z
  .string()
  .regex(new RegExp(String.raw`^${hostAndPort}(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`), {
    error: must(
      "a host with an optional port and path, without https:// and without a / at the end",
      "write it like mirror.example.com/docker-hub",
    ),
  });

/** An S3 bucket. */
export const bucket = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, {
  error: must("an S3 bucket: 3 to 63 lower-case letters, digits, '.' and '-'", "write it like build-logs"),
});

/** The name of a Helm value, which may contain `{service}`. */
export const helmParameter = z.string().regex(/^[A-Za-z0-9_{][A-Za-z0-9_.{}[\]-]*$/, {
  error: must("the name of a Helm value; it may contain {service}", "write it like {service}.image.tag"),
});

/** A command-line argument. Linux allows 128 KiB for one, and no NUL byte. */
export const argument = z
  .string({ error: must("a text, which YAML reads as another type without quotes", "write it in quotes") })
  .max(32_768, { error: must("at most 32768 characters", "put the text into a file of the repository") })
  .refine((text) => !text.includes("\0"), {
    error: must("a text without NUL bytes, which cannot be passed to a program", "remove them"),
  });

const chartPath = String.raw`(\/(?!\.\.?(\/|$))[A-Za-z0-9._~-]+)*`;
const registryPath = `(\\/${component})*`;

/** A Helm chart repository. One in a registry begins with `oci://` in lower case, and its path is that of an image. */
export const chartAddress = z
  .string()
  .refine((url) => !url.includes("@"), {
    error: must(
      "an address without a login, which would be in plain text here",
      "remove the part before the @ and the @ itself",
    ),
    abort: true,
  })
  .regex(
    new RegExp(`^(https:\\/\\/${hostAndPort}${chartPath}|oci:\\/\\/${hostAndPort}${registryPath})\\/?$`),
    {
      error: must(
        "a Helm chart repository at https:// or oci://, in lower case except for the path of an https:// address",
        "write it like https://charts.example.com or oci://ghcr.io/acme",
      ),
      abort: true,
    },
  )
  .refine((url) => hasHost(url.replace(/^oci:/, "https:")), { error: wrongHost })
  .transform((url) => url.replace(/\/$/, ""));

/** The same in Argo CD's form: a repository in a registry has no scheme. */
export const chartRepository = chartAddress.transform((url) => url.replace(/^oci:\/\//, ""));

export const chartName = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, {
  error: must("the name of a chart", "write it like redis"),
});

/** Not a range, so that the stack file states what runs. */
export const chartVersion = z.string().regex(/^v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$/, {
  error: must("an exact chart version", "write it like 1.2.3"),
});
