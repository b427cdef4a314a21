/** The kinds of value that a stack file holds: quantities, durations, ports; addresses.ts has those of hosts, paths.ts those of paths. */
import { z } from "zod";
import { empty, says } from "./checks.ts";
import { hasHost, wrongHost } from "./addresses.ts";
import { hostAndPort } from "./hosts.ts";

export { partOfRepository, repositoryPath, rootedPath } from "./paths.ts";

/** Some text, whatever it says: for what has no form of its own. */
export const text = z.string().regex(/\S/, { error: empty });

/** A secret that programs send in one line, such as a token: a copied line break would be a part of it. */
export const secretLine = text.refine((secret) => !/\p{Cc}/u.test(secret), {
  error: says(
    "one line, without a line break",
    "set it again without the line break, or with its first line alone",
  ),
});

const units = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/** Ten years: Kubernetes counts the seconds of a pod in 32 bits, and Go a duration in nanoseconds. */
const longest = 3650;

/** A duration such as `90s`, `30m`, `2h` or `7d`, read into seconds. */
export const seconds = z
  .string()
  .regex(/^[1-9][0-9]{0,5}[smhd]$/, {
    error: says("a duration: a whole number and s, m, h or d", "write it like 30m"),
  })
  .transform(secondsOf)
  .refine((seconds) => seconds <= longest * units.d, {
    error: says(`a duration of at most ${longest.toString()}d (ten years)`, "write a shorter one"),
  });

const leastWork = 10;

/** Seconds after which what a pod does is given up: a pod takes some of them to start. */
export const timeLimit = seconds.refine((seconds) => seconds >= leastWork, {
  error: says(`a time in which a pod can start: ${leastWork.toString()}s or more`, "write it like 30m"),
});

/** @param text one that the rule of a duration has passed: a number, and the unit's letter */
function secondsOf(text: string): number {
  return Number(text.slice(0, -1)) * units[text.slice(-1) as keyof typeof units];
}

/** Seconds as Go reads a duration, in the largest unit that leaves no rest, of which hours are the largest. */
export function goDuration(seconds: number): string {
  if (seconds % 3600 === 0) return `${(seconds / 3600).toString()}h`;
  return seconds % 60 === 0 ? `${(seconds / 60).toString()}m` : `${seconds.toString()}s`;
}

/** Minutes in which cron can say "every": parts of an hour and of a day. */
const periods = [5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];
const periodError = says(
  "a period that an hour or a day is a multiple of, from 5m: 5m, 6m, 10m, 12m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h or 1d",
  "write the nearest of these",
);

/** How often something is done, in minutes: a duration that cron can express. */
export const period = z
  .string({ error: periodError })
  .regex(/^[1-9][0-9]{0,3}[mhd]$/, { error: periodError })
  .transform((text) => secondsOf(text) / 60)
  .refine((minutes) => periods.includes(minutes), { error: periodError });

/** A CPU quantity of Kubernetes. */
export const cpu = z
  .string()
  .regex(/^([1-9][0-9]{0,6}m?|0\.[0-9]{0,8}[1-9][0-9]{0,8}|[1-9][0-9]{0,6}\.[0-9]{1,9})$/, {
    error: says("a CPU quantity of Kubernetes, in quotes", 'write it like "500m" or "2"'),
  });

/** A memory or storage quantity of Kubernetes, in binary units. */
export const bytes = z.string().regex(/^([1-9][0-9]{0,9}(Ki|Mi|Gi)|[1-9][0-9]{0,5}Ti)$/, {
  error: says("a quantity of Kubernetes with a binary unit, of less than 1Ei", "write it like 512Mi or 10Gi"),
});

/** The size of a volume, of which many kinds of storage have none below 1Gi. */
export const volumeSize = z.string().regex(/^([1-9][0-9]{0,9}Gi|[1-9][0-9]{0,5}Ti)$/, {
  error: says("the size of a volume, of 1Gi or more, in Gi or Ti", "write it like 10Gi"),
});

/** A port on which a process without privileges may listen. On 7777 Argo Events' pods serve their metrics. */
const podPortError = {
  error: says("a port: a whole number from 1024 to 65535, except 7777", "choose another one in that range"),
};
export const podPort = z
  .number(podPortError)
  .int(podPortError)
  .min(1024, podPortError)
  .max(65535, podPortError)
  .refine((port) => port !== 7777, podPortError);

/** A Kubernetes NodePort, in the API server's default range. */
const nodePortError = {
  error: says("a NodePort: a whole number from 30000 to 32767", "choose a free one in that range"),
};
export const nodePort = z
  .number(nodePortError)
  .int(nodePortError)
  .min(30000, nodePortError)
  .max(32767, nodePortError);

/** A million: nobody means more, and programs in the cluster count in 32 bits. */
const most = 1_000_000;

/** A whole number from 1. */
export function count(what: string) {
  const error = {
    error: says(`${what}: a whole number from 1 to ${most.toString()}`, "write a number like 4"),
  };
  return z.number(error).int(error).min(1, error).max(most, error);
}

const separator = String.raw`(\.|__?|-+)`;
const component = `[a-z0-9]+(${separator}[a-z0-9]+)*`;

/** An image repository that may hold `{image}`, the image that it belongs to. */
export const cacheRepository = z
  .string()
  .regex(
    new RegExp(
      String.raw`^(\{image\}[a-z0-9]*((\/|${separator})[a-z0-9]+)*|(${hostAndPort}\/)?${component}(\/${component})*)$`,
    ),
    {
      error: says(
        "an image repository without a tag; it may begin with {image}",
        "write it like {image}-cache",
      ),
    },
  );

/** A registry's host and port, and a path below which it has the images of another. */
export const mirror = z
  .string()
  .regex(new RegExp(String.raw`^${hostAndPort}(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`), {
    error: says(
      "a host with an optional port and path, without https:// and without a / at the end",
      "write it like mirror.example.com/docker-hub",
    ),
  });

/** A bucket of S3. */
export const bucket = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, {
  error: says("a bucket of S3: 3 to 63 lower-case letters, digits, '.' and '-'", "write it like build-logs"),
});

/** The name of a Helm value, which may hold `{service}`. */
export const helmParameter = z.string().regex(/^[A-Za-z0-9_{][A-Za-z0-9_.{}[\]-]*$/, {
  error: says("the name of a Helm value; it may contain {service}", "write it like {service}.image.tag"),
});

/** A value that a program is started with. Linux takes 128 KiB of one, and no zero byte. */
export const argument = z
  .string({ error: says("a text, which YAML takes for something else without quotes", "write it in quotes") })
  .max(32_768, { error: says("at most 32768 characters", "put the text into a file of the repository") })
  .refine((text) => !text.includes("\0"), {
    error: says("a text without NUL bytes, which cannot be passed to a program", "remove them"),
  });

const chartPath = String.raw`(\/(?!\.\.?(\/|$))[A-Za-z0-9._~-]+)*`;
const registryPath = `(\\/${component})*`;

/** A repository of Helm charts. Helm knows that of a registry by `oci://` in lower case, and its path is that of an image. */
export const chartAddress = z
  .string()
  .refine((url) => !url.includes("@"), {
    error: says(
      "an address without a login, which would be in plain text here",
      "remove the part before the @ and the @ itself",
    ),
    abort: true,
  })
  .regex(
    new RegExp(`^(https:\\/\\/${hostAndPort}${chartPath}|oci:\\/\\/${hostAndPort}${registryPath})\\/?$`),
    {
      error: says(
        "a repository of Helm charts, by https:// or oci://, in lower case but for a path by https://",
        "write it like https://charts.example.com or oci://ghcr.io/acme",
      ),
      abort: true,
    },
  )
  .refine((url) => hasHost(url.replace(/^oci:/, "https:")), { error: wrongHost })
  .transform((url) => url.replace(/\/$/, ""));

/** The same as Argo CD names it: that of a registry without a scheme. */
export const chartRepository = chartAddress.transform((url) => url.replace(/^oci:\/\//, ""));

export const chartName = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, {
  error: says("the name of a chart", "write it like redis"),
});

/** No range, so that the stack file says what runs. */
export const chartVersion = z.string().regex(/^v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$/, {
  error: says("one version of a chart", "write it like 1.2.3"),
});
