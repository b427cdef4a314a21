/** What a stack installs, what the tests run in its place, and why the two differ. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argoEventsVersion } from "../../components/charts/argo-events.ts";
import { charts } from "../../components/charts/charts.ts";
import { images } from "../../components/builds/images.ts";
import { jetStreamVersion } from "../../components/trigger/event-bus.ts";
import type { Recipe } from "./go-tools.ts";
import type { ClusterTool } from "./cluster-tools.ts";
import { recipes, tagOf } from "./cluster-tools.ts";
import { pulumiVersion } from "./pulumi-tool.ts";

/** A part of a stack. */
export interface Part {
  readonly name: string;
  /** The version that a stack installs: of a program, and of the chart that contains it. */
  readonly installed: string;
  /** The version that the tests run, or what they use instead. */
  readonly run: string;
  /** Why the two differ; undefined if they do not. */
  readonly why?: string;
}

/** The versions of charts' programs (`appVersion` in Chart.yaml), each with the version of the chart that has it. */
export const chartPrograms = {
  argoWorkflows: { chart: "1.0.18", program: "v4.0.6" },
  argoEvents: { chart: "2.4.22", program: "v1.9.10" },
  argoCd: { chart: "10.1.1", program: "v3.4.4" },
  imageUpdater: { chart: "1.2.4", program: "v1.2.2" },
  argoRollouts: { chart: "2.41.0", program: "v1.9.0" },
  traefik: { chart: "41.3.0", program: "v3.7.11" },
} as const satisfies Partial<Record<keyof typeof charts, { chart: string; program: string }>>;

/** The version of the Image Updater's CustomResourceDefinitions: the installed one is not published as a module. */
export const updaterKindsVersion = "v1.3.0";

/** By hand, outside of the tests. */
const updaterTried =
  "v1.2.2 itself, built from its repository, was run by hand on 2026-11-30 with the values of its chart: events, pins, platforms, logins, restarts, and a push to its pod";

const unpublished = (what: string) => `there is no Go module of ${what}`;
const empty = "a chart that contains only its values";

/** Every part that `components/charts` and `package.json` name a version of, and what enforces the policies. */
export function parts(): readonly Part[] {
  return [...chartParts(), ...imageParts(), ...pulumiParts(), ...clusterParts()];
}

function chartParts(): readonly Part[] {
  const { argoWorkflows, argoCd, imageUpdater, argoRollouts } = chartPrograms;
  return [
    part("Argo Workflows", ofChart("argoWorkflows", argoWorkflows.program), built("workflow-controller"), {
      why: unpublished("4.0.6"),
    }),
    part(
      "Argo Events",
      ofChart("argoEvents", argoEventsVersion),
      `${built("argo-events")} with GitHub's event source`,
      {
        why: "no stack uses another one, and their clients take long to build",
      },
    ),
    part("NATS JetStream", `v${jetStreamVersion}`, built("nats-server")),
    part("NATS exporter and reloader", "0.14.0", "idle pods", {
      why: `${unpublished("them")}; nothing depends on what they do`,
    }),
    part("Argo CD", ofChart("argoCd", argoCd.program), `${built("argocd")}; the kinds of ${argoCd.program}`, {
      why: unpublished("the gitops-engine that 3.3 and later need"),
    }),
    part(
      "Image Updater",
      ofChart("imageUpdater", imageUpdater.program),
      `a stand-in (test/support/updater-stand-in.ts); the kinds of ${updaterKindsVersion}`,
      { why: `${unpublished("its registry-scanner")}; ${updaterTried}` },
    ),
    part("Argo Rollouts", ofChart("argoRollouts", argoRollouts.program), empty, {
      why: "no stack uses its kinds",
    }),
    part(
      "Traefik",
      ofChart("traefik", chartPrograms.traefik.program),
      `${built("traefik")}, beside the node`,
      {
        why: "on the node, deliveries are sent to the Service behind the Ingress",
      },
    ),
    part("Rook", ofChart("rookCeph"), empty, { why: "it requires disks on three nodes" }),
    part("Ceph CSI drivers", ofChart("cephCsiDrivers"), empty, { why: "they require Ceph" }),
    part("Ceph", ofChart("rookCephCluster"), "its StorageClass, for folders on the node", {
      why: "it requires disks on three nodes",
    }),
    part("zot", ofChart("zot"), `${empty}; Debian's docker-registry beside the cluster`, {
      why: "no committed stack uses it",
    }),
  ];
}

function imageParts(): readonly Part[] {
  return [
    part("Kaniko", tagOf(images.kaniko), `${built("kaniko-executor")} of Chainguard's fork`, {
      why: `${unpublished("the fork that is installed")}; the working directory, environment and paths are those of its image; conformance.md has what the installed one builds`,
    }),
    part("BuildKit", tagOf(images.buildkit), "nothing; conformance.md has what it builds", {
      why: "the committed stacks build with Kaniko",
    }),
    part("crane", tagOf(images.crane), built("crane")),
    part("git", tagOf(images.git), "Debian's", { why: unpublished("it") }),
    part("Node", tagOf(images.node), `${nodeVersion()} of the npm package`, {
      why: "the tests' image has this machine's C library instead of musl",
    }),
    part("cosign", tagOf(images.cosign), built("cosign"), {
      why: "the image is the variant with a shell, of the same source",
    }),
    part("Trivy", tagOf(images.trivy), "a stand-in (test/support/trivy.sh)", {
      why: "its database of vulnerabilities is downloaded when it runs",
    }),
  ];
}

function nodeVersion(): string {
  const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: { node: string } };
  return devDependencies.node;
}

function pulumiParts(): readonly Part[] {
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  const version = (name: string) => dependencies[`@pulumi/${name}`] ?? "";
  return [
    part("Pulumi command", pulumiVersion, `${pulumiVersion} without clients of clouds and \`pulumi api\``, {
      why: "these take long to build; the tests keep state in a folder, with a passphrase",
    }),
    part("Pulumi's Node language host", pulumiVersion, "the Automation API's", {
      why: unpublished("it"),
    }),
    part("Kubernetes provider", version("kubernetes"), built("pulumi-resource-kubernetes"), {
      why:
        `${unpublished("a later one")}; it lacks the components for YAML, kustomize and charts, which no stack uses, ` +
        `and enablePatchForce, which an annotation replaces (test/support/patch-force.ts); ` +
        "it adopts existing objects without adoptExisting",
    }),
    part("GitHub provider", version("github"), attached, { why: unpublished("it") }),
    part("Random provider", version("random"), attached, { why: unpublished("it") }),
  ];
}

/** What a stack requires of its cluster. */
function clusterParts(): readonly Part[] {
  return [
    part(
      "network plugin that enforces NetworkPolicies",
      "the cluster's own",
      `kube-router ${built("kube-router")}, only its firewall, with Debian's CNI plugins and IPv4`,
      { why: "it is built from a Go module, and requires only iptables and ipset" },
    ),
  ];
}

const attached = "a stand-in (test/support/attached-provider.ts)";

function part(name: string, installed: string, run: string, { why }: { readonly why?: string } = {}): Part {
  return { name, installed, run, ...(why === undefined ? {} : { why }) };
}

function ofChart(key: keyof typeof charts, program?: string): string {
  const { chart, version } = charts[key];
  return `${program === undefined ? "" : `${program}, `}chart ${chart} ${version}`;
}

function built(tool: ClusterTool): string {
  const { version }: Recipe = recipes[tool];
  return version;
}

function read(file: string): string {
  return readFileSync(join(import.meta.dirname, "../..", file), "utf8");
}
