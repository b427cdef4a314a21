/** What a container is, uses, and is started with. */
import { hostIn } from "../../components/derived-names.ts";
import { at, listAt } from "../../components/builds/programs/json.ts";
import { fields, text, texts } from "../declared/fields.ts";
import type { Container } from "../declared/pods.ts";
import type { Policy } from "./policy.ts";
import { ofContainers, when } from "./policy.ts";

/** What Argo puts into a command is parsed by whatever reads the command. */
const outside =
  /\{\{=?[^}]*\b(inputs|outputs|workflow\.parameters|workflow\.labels|workflow\.annotations|item)\b/;

/** Switches that turn off the check of a server's certificate, or TLS as a whole. */
const unverified = /^--?(insecure|skip-tls|no-check-certificate)/;
const unverifiedVariables: Readonly<Record<string, RegExp>> = {
  INSECURE: /^true$/,
  TRIVY_INSECURE: /^true$/,
  GIT_SSL_NO_VERIFY: /./,
  NODE_TLS_REJECT_UNAUTHORIZED: /^0$/,
};

function image({ content }: Container): string[] {
  return typeof content["image"] === "string" ? [content["image"]] : [];
}

/** A digest, or a tag that is not one which moves. */
function isFixed(name: string): boolean {
  const [, tag = ""] = /:([^/:]+)$/.exec(name) ?? [];
  return name.includes("@sha256:") || (tag !== "" && !/^(latest|main|master|edge|nightly)$/.test(tag));
}

function words({ content }: Container): string[] {
  return [...texts(content, "command"), ...texts(content, "args"), text(content, "source")];
}

function unverifiedBy(container: Container): string[] {
  const variables = listAt(container.content, "env").filter((one) =>
    unverifiedVariables[text(one, "name")]?.test(text(one, "value")),
  );
  return [
    ...words(container).filter((word) => unverified.test(word)),
    ...variables.map((one) => `${text(one, "name")}=${text(one, "value")}`),
  ];
}

export const containerPolicies: readonly Policy[] = [
  {
    name: "fixed-image",
    why: "A tag that moves runs something else tomorrow than what was reviewed today.",
    fix: "Give the image a version as its tag, or a digest.",
    find: ofContainers((container) =>
      image(container).flatMap((one) => when(!isFixed(one), `${one} has no fixed tag`)),
    ),
  },
  {
    name: "full-image-name",
    why: "Nodes complete a short name by their own settings, and may ask a registry that somebody else can push to.",
    fix: "Begin the image's name with its registry, such as docker.io/library/.",
    find: ofContainers((container) =>
      image(container).flatMap((one) => when(hostIn(one) === undefined, `${one} names no registry`)),
    ),
  },
  {
    name: "memory-limit",
    why: "Without one, a leak takes the memory of everything else on the node.",
    fix: "Set resources.limits.memory.",
    find: ofContainers(({ content }) =>
      when(text(content, "resources", "limits", "memory") === "", "no memory limit"),
    ),
  },
  {
    name: "resource-requests",
    why: "The scheduler puts pods where their requests fit.",
    fix: "Set resources.requests.cpu and resources.requests.memory.",
    find: ofContainers(({ content }) => {
      const requests = fields(content, "resources", "requests");
      return ["cpu", "memory"].flatMap((one) => when(text(requests, one) === "", `requests no ${one}`));
    }),
  },
  {
    name: "secrets-as-files",
    why: "An environment is inherited by every process and shows in crash reports.",
    fix: "Mount the key as a file, and give the program its path.",
    find: ofContainers(({ content }) => [
      ...listAt(content, "env")
        .filter((one) => at(one, "valueFrom", "secretKeyRef") !== undefined)
        .map((one) => `${text(one, "name")} is a secret`),
      ...listAt(content, "envFrom").flatMap((one) =>
        when(at(one, "secretRef") !== undefined, `takes all of ${text(one, "secretRef", "name")}`),
      ),
    ]),
  },
  {
    name: "no-values-in-commands",
    why: "Whoever can push chooses such values, and a shell or a program would read them as code.",
    fix: "Hand the value over in the environment.",
    find: ofContainers((container) =>
      words(container).flatMap((word) => when(outside.test(word), `${word.slice(0, 80)} is filled in`)),
    ),
  },
  {
    name: "verified-servers",
    why: "Without TLS, whoever is in between reads the login and changes the image.",
    fix: "Give the server a certificate, and its authority to `network.ca`.",
    find: ofContainers(unverifiedBy),
  },
];
