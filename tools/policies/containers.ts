/** Policies for containers: image, resources, environment and command. */
import { hostIn } from "../../components/derived-names.ts";
import { at, listAt } from "../../components/builds/programs/json.ts";
import { fields, text, texts } from "../declared/fields.ts";
import type { Container } from "../declared/pods.ts";
import type { Policy } from "./policy.ts";
import { ofContainers, when } from "./policy.ts";

/** Values from outside that Argo substitutes into a command, where a shell or a program would parse them. */
const outside =
  /\{\{=?[^}]*\b(inputs|outputs|workflow\.parameters|workflow\.labels|workflow\.annotations|item)\b/;

/** Flags that disable the verification of certificates, or TLS itself. */
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

/** Whether an image has a digest, or a tag that does not move. */
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
    why: "A tag that moves may run something else tomorrow than what was reviewed today.",
    fix: "Use a version as the image's tag, or a digest.",
    find: ofContainers((container) =>
      image(container).flatMap((one) => when(!isFixed(one), `${one} has no fixed tag`)),
    ),
  },
  {
    name: "full-image-name",
    why: "Nodes complete a short name by their own settings, possibly to a registry that somebody else can push to.",
    fix: "Prefix the image with its registry, such as docker.io/library/.",
    find: ofContainers((container) =>
      image(container).flatMap((one) => when(hostIn(one) === undefined, `${one} names no registry`)),
    ),
  },
  {
    name: "memory-limit",
    why: "Without a limit, a memory leak affects everything else on the node.",
    fix: "Set resources.limits.memory.",
    find: ofContainers(({ content }) =>
      when(text(content, "resources", "limits", "memory") === "", "no memory limit"),
    ),
  },
  {
    name: "resource-requests",
    why: "The scheduler places pods by their requests.",
    fix: "Set resources.requests.cpu and resources.requests.memory.",
    find: ofContainers(({ content }) => {
      const requests = fields(content, "resources", "requests");
      return ["cpu", "memory"].flatMap((one) => when(text(requests, one) === "", `requests no ${one}`));
    }),
  },
  {
    name: "secrets-as-files",
    why: "Every process inherits the environment, and crash reports show it.",
    fix: "Mount the key as a file, and pass the program its path.",
    find: ofContainers(({ content }) => [
      ...listAt(content, "env")
        .filter((one) => at(one, "valueFrom", "secretKeyRef") !== undefined)
        .map((one) => `${text(one, "name")} is a secret`),
      ...listAt(content, "envFrom").flatMap((one) =>
        when(at(one, "secretRef") !== undefined, `has all keys of ${text(one, "secretRef", "name")}`),
      ),
    ]),
  },
  {
    name: "no-values-in-commands",
    why: "Anyone who can push chooses such values, and a shell or a program would run them as code.",
    fix: "Pass the value in the environment.",
    find: ofContainers((container) =>
      words(container).flatMap((word) =>
        when(outside.test(word), `${word.slice(0, 80)} has a substituted value`),
      ),
    ),
  },
  {
    name: "verified-servers",
    why: "Without TLS, anyone on the network path can read the login and change the image.",
    fix: "Give the server a certificate, and add its authority to `network.ca`.",
    find: ofContainers(unverifiedBy),
  },
];
