/** Namespaces, what may be deployed into them, and charts. */
import { listAt } from "../../components/builds/programs/json.ts";
import { fields, text, texts } from "../declared/fields.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import type { Policy } from "./policy.ts";
import { ofObjects, when } from "./policy.ts";

function wildcards({ content }: DeclaredObject): string[] {
  const spec = fields(content, "spec");
  const lists: readonly [string, readonly string[]][] = [
    ["sourceRepos", texts(spec, "sourceRepos")],
    [
      "destinations",
      listAt(spec, "destinations").flatMap((one) => [text(one, "namespace"), text(one, "server")]),
    ],
    ["clusterResourceWhitelist", listAt(spec, "clusterResourceWhitelist").map((one) => text(one, "kind"))],
  ];
  return lists.filter(([, all]) => all.includes("*")).map(([key]) => `${key}: *`);
}

export const placePolicies: readonly Policy[] = [
  {
    name: "pod-security",
    why: "The level is what keeps a pod that nobody reviewed from being root on its node.",
    fix: "Label the namespace pod-security.kubernetes.io/enforce: restricted, or baseline.",
    find: ofObjects(["Namespace"], ({ content }) => {
      const level = text(fields(content, "metadata", "labels")["pod-security.kubernetes.io/enforce"]);
      return when(!/^(restricted|baseline)$/.test(level), `enforces ${level || "no level"}`);
    }),
  },
  {
    name: "bounded-project",
    why: "What a cluster repository may change ends where its AppProject says.",
    fix: "List the repositories, namespaces and kinds.",
    find: ofObjects(["AppProject"], wildcards),
  },
  {
    name: "own-project",
    why: "Argo CD's project `default` bounds nothing unless it is closed, and holds whatever names no other.",
    fix: "Name the AppProject of the application.",
    find: ofObjects(["Application"], ({ content }) =>
      when(/^(|default)$/.test(text(content, "spec", "project")), "is in no project of its own"),
    ),
  },
  {
    name: "pinned-chart",
    why: "A range, or no version, installs something else on the next `pulumi up`.",
    fix: "Give the chart one version.",
    find: ofObjects(["Release"], ({ content }) =>
      when(
        !/^v?\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(text(content, "version")),
        `version ${text(content, "version") || "is missing"}`,
      ),
    ),
  },
  {
    name: "chart-by-tls",
    why: "A chart is applied with the rights of whoever runs `pulumi up`.",
    fix: "Use an https:// or oci:// address.",
    find: ofObjects(["Release"], ({ content }) => {
      const from = text(content, "repositoryOpts", "repo") || text(content, "chart");
      return when(!/^(https|oci):\/\//.test(from), `from ${from}`);
    }),
  },
];
