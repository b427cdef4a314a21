/** Rules of registries: hosts that are none, and logins that would appear twice or nowhere. */
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

/** Names that Docker Hub has beside its own, and names that image references take for something else. */
function impossibleHost(path: string, host: string): SettingError[] {
  const at = { path, value: host };
  if (/^(index|registry-1|registry|hub)\.docker\.(io|com)(:443)?$/.test(host)) {
    return [{ ...at, rule: "in names of images Docker Hub is docker.io", fix: "write docker.io" }];
  }
  if (/[.:]/.test(host) || host === "localhost") return [];
  return [
    {
      ...at,
      rule: "without a dot or a port it is taken for a namespace of Docker Hub",
      fix: "write the registry's full name, or its port too",
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

/** A registry of which nothing is said, or nothing that anything would do. */
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
      rule: "has a username, a mirror or insecure: true",
      fix: "add one of them, or remove the host",
    },
  ];
}

function impossibleMirror({ host, one: { mirror }, at }: Listed): SettingError[] {
  if (mirror === undefined) return [];
  const path = at("mirror");
  const asked = mirrorHost(mirror);
  if (asked !== host) return impossibleHost(path, asked).map((one) => ({ ...one, value: mirror }));
  return [{ path, value: mirror, rule: "a mirror is another registry", fix: "name the host of the mirror" }];
}

/** Two names of one host: the port of HTTPS is what there is without one. */
export function duplicateRegistries({ stack }: Readable): SettingError[] {
  const occurrences = listed(stack).map(({ host, at }) => ({ path: at(), value: host, key: plain(host) }));
  return duplicates(occurrences, "a registry may occur only once", "remove one of the two");
}

function plain(host: string): string {
  return host.replace(/:443$/, "");
}

/** The registry that is pushed to has its login, and how it is spoken to, in `registry`. */
export function twofoldRegistry({ stack }: Readable): SettingError[] {
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
          fix: `remove the key, and write it as registry.${key} where it lacks there`,
        })),
    );
}

/** A Secret that somebody else makes holds every login, and this program adds none. */
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
      fix: "remove the key, and have whatever creates the Secret include this login",
    }));
  return [...own, ...others];
}
