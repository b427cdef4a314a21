/** Rules for the dashboards: how browsers reach them, and who signs on. */
import { entries } from "../entries.ts";
import { isAddress } from "../hosts.ts";
import { duplicates, listenersOf } from "./duplicates.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import type { Readable } from "./readable.ts";

export const dashboards = ["argocd", "workflows"] as const;

export function impossibleIngresses({ stack }: Readable): SettingError[] {
  return dashboards.flatMap((key) => {
    const { host, nodePort, ingress } = stack[key] ?? {};
    if (ingress === undefined) return [];
    return [
      ...(host === undefined
        ? [{ path: `${key}.host`, rule: "an Ingress needs a host", fix: "add the name that browsers use" }]
        : []),
      ...(nodePort === undefined
        ? []
        : [
            {
              path: `${key}.nodePort`,
              value: nodePort,
              rule: `with ${key}.ingress TLS ends at the Ingress, so a NodePort would serve plain HTTP`,
              fix: "remove nodePort, or remove ingress",
            },
          ]),
    ];
  });
}

/** An Ingress is matched by the requested host name; Kubernetes refuses an IP address as its host. */
export function addressesOfIngresses({ stack, projects }: Readable): SettingError[] {
  const checks = stack.github?.app?.checks;
  return [
    ...dashboards.flatMap((key) => {
      const value = stack[key]?.ingress === undefined ? undefined : stack[key].host;
      const fix = "write a DNS name, or use a nodePort instead of the Ingress";
      return value === undefined ? [] : addressError({ path: `${key}.host`, value, host: value, fix });
    }),
    ...entries(projects).flatMap(([key, { webhook }]) =>
      deliveriesError(joinPath("projects", [key, "webhook"]), webhook, "webhook"),
    ),
    ...(checks === undefined ? [] : deliveriesError("github.app.checks", checks, "checks")),
  ];
}

function deliveriesError(
  path: string,
  { url: value, nodePort }: { readonly url: string; readonly nodePort?: number | undefined },
  key: string,
): SettingError[] {
  if (nodePort !== undefined) return [];
  const fix = `write a DNS name, or add ${key}.nodePort`;
  return addressError({ path: `${path}.url`, value, host: new URL(value).hostname, fix });
}

function addressError({
  host,
  ...error
}: Omit<SettingError, "rule"> & { readonly host: string }): SettingError[] {
  return isAddress(host) ? [{ ...error, rule: "the host of an Ingress is a name, not an IP address" }] : [];
}

/** Both Ingresses would match every request to the host. */
export function sharedHosts({ stack }: Readable): SettingError[] {
  const occurrences = dashboards.flatMap((key) => {
    const { host, ingress } = stack[key] ?? {};
    return host === undefined || ingress === undefined
      ? []
      : [{ path: `${key}.host`, value: host, key: host }];
  });
  return duplicates(
    occurrences,
    "each dashboard needs its own host",
    "write another name for one of the two",
  );
}

/**
 * The paths that each dashboard needs on its host: the page itself (`/`), the API with Argo CD's webhook, and the path
 * to which the provider redirects browsers. (argo-cd `server/server.go`, argo-workflows
 * `server/apiserver/argoserver.go`)
 */
const ownPaths = {
  argocd: /^\/($|(api|auth)(\/|$))/,
  workflows: /^\/($|(api|oauth2)(\/|$))/,
} as const;

/** The longest matching path of all Ingresses wins, so the webhook would take the dashboard's requests. */
export function deliveriesAtPages(config: Readable): SettingError[] {
  const { stack } = config;
  const reached = dashboards.filter((key) => stack[key]?.ingress !== undefined);
  return listenersOf(config).flatMap(({ url: value, nodePort, at }) => {
    const { hostname, pathname } = new URL(value);
    const taken = reached.find((key) => stack[key]?.host === hostname && ownPaths[key].test(pathname));
    if (nodePort !== undefined || taken === undefined) return [];
    return {
      path: at("url"),
      value,
      rule: `${taken}.ingress uses this path of the host for the dashboard itself`,
      fix: "write another path, such as /github-webhook",
    };
  });
}

/** The provider redirects browsers to one address of each dashboard, which must be registered with it. */
export function signOnWithoutAddress({ stack }: Readable): SettingError[] {
  const { signOn } = stack;
  if (signOn === undefined) return [];
  const used = dashboards.filter((key) => signOn[key] !== undefined);
  if (used.length === 0) {
    const rule = "single sign-on needs a dashboard: argocd, workflows or both";
    return [{ path: "signOn", rule, fix: "add one with its groups, or remove the key" }];
  }
  return used
    .filter((key) => stack[key] !== undefined && stack[key].host === undefined)
    .map((key) => ({
      path: `${key}.host`,
      rule: `signOn.${key} needs an HTTPS address, to which the provider redirects browsers`,
      fix: `add the name that browsers use, and ${key}.ingress with a certificate for it`,
    }));
}

/** Admins may read too. */
export function duplicateGroups({ stack: { signOn } }: Readable): SettingError[] {
  return dashboards.flatMap((key) => {
    const { admins = [], viewers = [] } = signOn?.[key] ?? {};
    const occurrences = [
      ...occurrencesOf(joinPath("signOn", [key, "admins"]), admins),
      ...occurrencesOf(joinPath("signOn", [key, "viewers"]), viewers),
    ];
    return duplicates(occurrences, "a group of a dashboard may occur only once", "remove one of the two");
  });
}

function occurrencesOf(path: string, groups: readonly string[]) {
  return groups.map((value, index) => ({ path: joinPath(path, [index]), value, key: value }));
}
