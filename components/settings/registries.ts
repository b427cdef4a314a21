/** Rules for registries: invalid hosts, and logins that are set twice or have no effect. */
import { mirrorHost } from "../builds/builders/registries.ts";
import { dockerHub } from "../derived-names.ts";
import { entries } from "../entries.ts";
import { duplicates } from "./duplicates.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import type { Readable } from "./readable.ts";
import type { OtherRegistry } from "./registry-schema.ts";

interface Listed {
  readonly host: string;
  readonly one: OtherRegistry;
  readonly at: (key?: keyof OtherRegistry) => string;
}

function listed({ registries = {} }: Readable["stack"]): Listed[] {
  return entries(registries).map(([host, one]) => ({
    host,
    one,
    at: (key) => joinPath("registries", key === undefined ? [host] : [host, key]),
  }));
}

export function impossibleRegistry({ stack }: Readable): SettingError[] {
  const { registry } = stack;
  if (registry === undefined) return [];
  if (registry.host !== dockerHub) return impossibleHost("registry.host", registry.host);
  return [
    ...(registry.insecure
      ? [
          insecureDockerHub(
            "registry.insecure",
            "remove the key, or set registry.host to the registry that speaks plain HTTP",
          ),
        ]
      : []),
    ...(registry.username === undefined && registry.login === "password"
      ? [
          {
            path: "registry.username",
            rule: "Docker Hub accepts no push without a login",
            fix: "add the user who pushes, or set registry.host to another registry",
          },
        ]
      : []),
  ];
}

function insecureDockerHub(path: string, fix: string): SettingError {
  return {
    path,
    value: true,
    rule: "Docker Hub speaks HTTPS only",
    fix,
  };
}

/** Other names of Docker Hub, and names that are not a host in image references. */
function impossibleHost(path: string, host: string): SettingError[] {
  const at = { path, value: host };
  if (/^(index|registry-1|registry|hub)\.docker\.(io|com)(:443)?$/.test(host)) {
    return [{ ...at, rule: "in image names, Docker Hub is docker.io", fix: "write docker.io" }];
  }
  if (/[.:]/.test(host) || host === "localhost") return [];
  return [
    {
      ...at,
      rule: "without a dot or a port, it is read as a Docker Hub namespace",
      fix: "write the registry's full name, or add its port",
    },
  ];
}

export function impossibleRegistries({ stack }: Readable): SettingError[] {
  return listed(stack).flatMap((one) => [
    ...impossibleHost(one.at(), one.host),
    ...(one.host === dockerHub && one.one.insecure
      ? [insecureDockerHub(one.at("insecure"), "remove the key")]
      : []),
    ...emptyRegistry(one),
    ...impossibleMirror(one),
  ]);
}

/** A registry without settings, or with settings that have no effect. */
function emptyRegistry({ one: { username, applications, mirror, insecure }, at }: Listed): SettingError[] {
  if (applications && username === undefined) {
    return [
      {
        path: at("applications"),
        value: true,
        rule: "without a username there is no login for pods to pull with",
        fix: "add username, or remove the key",
      },
    ];
  }
  if (username !== undefined || mirror !== undefined || insecure) return [];
  return [
    {
      path: at(),
      rule: "a registry needs a username, a mirror or insecure: true",
      fix: "add one of them, or remove the host",
    },
  ];
}

function impossibleMirror({ host, one: { mirror }, at }: Listed): SettingError[] {
  if (mirror === undefined) return [];
  const path = at("mirror");
  const hostOfMirror = mirrorHost(mirror);
  if (hostOfMirror !== host)
    return impossibleHost(path, hostOfMirror).map((one) => ({ ...one, value: mirror }));
  return [
    { path, value: mirror, rule: "a mirror must be another registry", fix: "name the host of the mirror" },
  ];
}

/** Two names of one host: port 443 is the default. */
export function duplicateRegistries({ stack }: Readable): SettingError[] {
  const occurrences = listed(stack).map(({ host, at }) => ({ path: at(), value: host, key: plain(host) }));
  return duplicates(occurrences, "a registry may occur only once", "remove one of the two");
}

function plain(host: string): string {
  return host.replace(/:443$/, "");
}

/** The login and the protocol of the registry that is pushed to are in `registry`. */
export function repeatedRegistry({ stack }: Readable): SettingError[] {
  const { registry } = stack;
  if (registry === undefined) return [];
  return listed(stack)
    .filter(({ host }) => plain(host) === plain(registry.host))
    .flatMap(({ one, at }) =>
      (["username", "insecure"] as const)
        .filter((key) => one[key] !== undefined && one[key] !== false)
        .map((key) => ({
          path: at(key),
          value: one[key],
          rule: `registry.${key} sets this for pushes and pulls`,
          fix: `remove the key, and set registry.${key} if it is missing`,
        })),
    );
}

/** A Secret that is created outside this program holds every login, and the program adds none. */
export function externalLogin({ stack }: Readable): SettingError[] {
  const { registry } = stack;
  if (registry?.login !== "external") return [];
  const own = (["username", "email"] as const)
    .filter((key) => registry[key] !== undefined)
    .map((key) => ({
      path: `registry.${key}`,
      value: registry[key],
      rule: "with registry.login: external the Secret holds the login",
      fix: "remove the key, or write login: password",
    }));
  const others = listed(stack)
    .filter(({ one }) => one.username !== undefined)
    .map(({ one, at }) => ({
      path: at("username"),
      value: one.username,
      rule: `with registry.login: external the Secret ${registry.pullSecret} holds every login, and this program adds none to it`,
      fix: "remove the key, and add this login where the Secret is created",
    }));
  return [...own, ...others];
}
