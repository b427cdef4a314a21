/** Policies for namespaces, for what may be deployed into them, and for charts. */
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
    why: "The level keeps an unreviewed pod from becoming root on its node.",
    fix: "Label the namespace pod-security.kubernetes.io/enforce: restricted, or baseline.",
    find: ofObjects(["Namespace"], ({ content }) => {
      const level = text(fields(content, "metadata", "labels")["pod-security.kubernetes.io/enforce"]);
      return when(!/^(restricted|baseline)$/.test(level), `enforces ${level || "no level"}`);
    }),
  },
  {
    name: "bounded-project",
    why: "The AppProject limits what a cluster repository may change.",
    fix: "List the repositories, namespaces and kinds.",
    find: ofObjects(["AppProject"], wildcards),
  },
  {
    name: "own-project",
    why: "Argo CD's project `default` has no limits unless it is closed, and contains every Application without a project.",
    fix: "Set the Application's project to an AppProject.",
    find: ofObjects(["Application"], ({ content }) =>
      when(/^(|default)$/.test(text(content, "spec", "project")), "has no AppProject of its own"),
    ),
  },
  {
    name: "pinned-chart",
    why: "With a version range, or no version, the next `pulumi up` may install something else.",
    fix: "Pin the chart to one version.",
    find: ofObjects(["Release"], ({ content }) =>
      when(
        !/^v?\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(text(content, "version")),
        `version ${text(content, "version") || "is missing"}`,
      ),
    ),
  },
  {
    name: "chart-by-tls",
    why: "A chart is installed with the rights of the user who runs `pulumi up`.",
    fix: "Use an https:// or oci:// address.",
    find: ofObjects(["Release"], ({ content }) => {
      const from = text(content, "repositoryOpts", "repo") || text(content, "chart");
      return when(!/^(https|oci):\/\//.test(from), `from ${from}`);
    }),
  },
];
