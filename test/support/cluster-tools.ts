/** The programs of a real cluster and of its workloads, each at the version that the tests run. */
import { argoEventsVersion } from "../../components/charts/argo-events.ts";
import { images } from "../../components/builds/images.ts";
import { jetStreamVersion } from "../../components/trigger/event-bus.ts";
import type { Recipe } from "./go-tools.ts";
import { goTool } from "./go-tools.ts";

const kubernetesVersion = "v1.34.2";
const etcdVersion = "v3.6.5";

/** No symbols: images and links are smaller. */
const stripped = "-s -w";

function kubernetes(program: string): Recipe {
  const version = `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`;
  return {
    module: "k8s.io/kubernetes",
    version: kubernetesVersion,
    package: `cmd/${program}`,
    ldflags: `${stripped} ${version}`,
    // The staging modules have the same versions, with a zero in place of the one.
    folderReplacements: (module) => `${module} ${kubernetesVersion.replace("v1.", "v0.")}`,
  };
}

const argoWorkflows = {
  module: "github.com/argoproj/argo-workflows/v4",
  version: "v4.0.5",
  ldflags: `${stripped} -X github.com/argoproj/argo-workflows/v4.version=v4.0.5`,
} as const;

const signalFile = "workflow/executor/osspecific/signal_linux.go";

/** The published module has this file only for other systems. Its functions are those of the file for Darwin. */
const signalLinux = `package osspecific

import (
	"os"
	"syscall"
	"time"

	"github.com/argoproj/argo-workflows/v4/util/errors"
)

var Term = syscall.SIGTERM

func CanIgnoreSignal(s os.Signal) bool {
	return s == syscall.SIGCHLD || s == syscall.SIGURG
}

func Kill(pid int, s syscall.Signal) error {
	if pgid, err := syscall.Getpgid(pid); err == nil {
		return syscall.Kill(-pgid, s)
	}
	return syscall.Kill(pid, s)
}

func Setpgid(a *syscall.SysProcAttr) {
	a.Setpgid = true
}

func Wait(process *os.Process) error {
	pid := process.Pid
	if err := process.Release(); err != nil {
		return err
	}
	for {
		var s syscall.WaitStatus
		reaped, err := syscall.Wait4(-1, &s, syscall.WNOHANG, nil)
		if err != nil {
			return err
		}
		if reaped == pid && s.Exited() {
			return errors.NewExitErr(s.ExitStatus())
		}
		if reaped == pid && s.Signaled() {
			return errors.NewExitErr(128 + int(s.Signal()))
		}
		time.Sleep(100 * time.Millisecond)
	}
}
`;

const noDnsClients = `package dns

import (
	"errors"

	"github.com/go-acme/lego/v5/challenge"
)

func NewDNSChallengeProviderByName(string) (challenge.Provider, error) {
	return nil, errors.New("no client of a DNS service is built in")
}
`;

/** The Kubernetes provider's components, which no stack uses: they need 66 packages of its SDK for Go. */
const providerComponents = Object.fromEntries(
  [
    '\tproviderhelmv4 "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider/helm/v4"\n',
    '\tproviderkustomizev2 "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider/kustomize/v2"\n',
    '\tprovideryamlv2 "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider/yaml/v2"\n',
    '\t"kubernetes:yaml/v2:ConfigFile":     provideryamlv2.NewConfigFileProvider,\n',
    '\t"kubernetes:yaml/v2:ConfigGroup":    provideryamlv2.NewConfigGroupProvider,\n',
    '\t"kubernetes:helm.sh/v4:Chart":       providerhelmv4.NewChartProvider,\n',
    '\t"kubernetes:kustomize/v2:Directory": providerkustomizev2.NewDirectoryProvider,\n',
  ].map((line) => [line, ""]),
);

/** CoreDNS' plugins for clouds, etcd and tracing, which no test uses. */
const cloudPlugins = Object.fromEntries(
  ["azure", "clouddns", "dnstap", "etcd", "route53", "trace"].map((name) => [
    `\t_ "github.com/coredns/coredns/plugin/${name}"\n`,
    "",
  ]),
);

/** Argo Events' event sources, except GitHub's: a client of each broker, cloud and service, which no stack uses. */
const otherEventSources = [
  "\\tif len\\(eventSource\\.Spec\\.(?!Github\\))[\\s\\S]*?\\n\\t}\\n",
  '\\t.*"github.com/argoproj/argo-events/pkg/eventsources/sources/(?!github").*\\n',
];

const traefikTypes = "pkg/config/dynamic/ext";

export const recipes = {
  etcd: {
    module: "go.etcd.io/etcd/server/v3",
    version: etcdVersion,
    ldflags: stripped,
    folderReplacements: (module) =>
      /\/(api|client\/pkg|client|pkg)\/v3$/.test(module) ? `${module} ${etcdVersion}` : undefined,
  },
  "kube-apiserver": kubernetes("kube-apiserver"),
  "kube-controller-manager": kubernetes("kube-controller-manager"),
  "kube-scheduler": kubernetes("kube-scheduler"),
  kubelet: kubernetes("kubelet"),
  "kube-proxy": kubernetes("kube-proxy"),
  kubectl: kubernetes("kubectl"),
  "kube-router": {
    module: "github.com/cloudnativelabs/kube-router/v2",
    version: "v2.1.0",
    package: "cmd/kube-router",
    ldflags: stripped,
  },
  coredns: {
    module: "github.com/coredns/coredns",
    version: "v1.12.4",
    ldflags: stripped,
    edits: { "core/plugin/zplugin.go": cloudPlugins },
  },
  "nats-server": {
    module: "github.com/nats-io/nats-server/v2",
    version: `v${jetStreamVersion}`,
    ldflags: stripped,
  },
  "argo-events": {
    module: "github.com/argoproj/argo-events",
    version: argoEventsVersion,
    package: "cmd",
    ldflags: `${stripped} -X github.com/argoproj/argo-events.version=${argoEventsVersion}`,
    removals: { "pkg/eventsources/eventing.go": otherEventSources },
  },
  "workflow-controller": { ...argoWorkflows, package: "cmd/workflow-controller" },
  argoexec: {
    ...argoWorkflows,
    package: "cmd/argoexec",
    addedFiles: { [signalFile]: signalLinux },
  },
  argo: {
    ...argoWorkflows,
    package: "cmd/argo",
    // The pages of its server are not in the module either, and no test needs them.
    addedFiles: { [signalFile]: signalLinux, "ui/dist/app/index.html": "" },
  },
  argocd: {
    module: "github.com/argoproj/argo-cd/v3",
    // The newest that can be built: 3.2.12 calls a missing function, 3.3 requires a module that is not published.
    version: "v3.2.11",
    package: "cmd",
    ldflags: `${stripped} -X github.com/argoproj/argo-cd/v3/common.version=3.2.11`,
  },
  kustomize: {
    module: "sigs.k8s.io/kustomize/kustomize/v5",
    // The version in Argo CD's image.
    version: "v5.7.1",
    ldflags: stripped,
  },
  gofakes3: {
    module: "github.com/johannesboyne/gofakes3",
    version: "v1.2.0",
    package: "cmd/gofakes3",
    ldflags: stripped,
  },
  "kaniko-executor": {
    module: "github.com/chainguard-dev/kaniko",
    version: "v1.25.5",
    package: "cmd/executor",
    ldflags: stripped,
  },
  "pulumi-resource-kubernetes": {
    module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
    version: "v4.0.0-20260115033456-f47bc2d6f199",
    package: "cmd/pulumi-resource-kubernetes",
    ldflags: `${stripped} -X github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=4.24.1`,
    // Its own build generates them from its schema. The engine requests neither when a program runs.
    addedFiles: {
      "cmd/pulumi-resource-kubernetes/schema-embed.json": "{}",
      "cmd/pulumi-resource-kubernetes/terraform-mapping-embed.json": "{}",
    },
    edits: { "pkg/provider/provider_construct.go": providerComponents },
  },
  traefik: {
    module: "github.com/traefik/traefik/v3",
    version: "v3.7.11",
    package: "cmd/traefik",
    ldflags: stripped,
    // A nested module that is not published: two types for others to fill.
    folderReplacements: () => `./module/${traefikTypes}`,
    // The required version is not published. No test uses a password.
    otherReplacements: {
      "github.com/abbot/go-http-auth":
        "github.com/containous/go-http-auth v0.4.1-0.20200324110947-a37a7636d23e",
    },
    addedFiles: {
      [`${traefikTypes}/go.mod`]: "module github.com/traefik/traefik/dynamic/ext\n",
      [`${traefikTypes}/ext.go`]: "package ext\n\ntype HTTP struct{}\n\ntype Router struct{}\n",
      "pkg/provider/acme/dns/dns.go": noDnsClients,
    },
    // The clients of 150 DNS services, for certificates by ACME, take most of the time of a build.
    edits: {
      "pkg/provider/acme/provider.go": {
        "github.com/go-acme/lego/v5/providers/dns": "github.com/traefik/traefik/v3/pkg/provider/acme/dns",
      },
    },
  },
  promtool: {
    module: "github.com/prometheus/prometheus",
    version: "v0.316.0",
    package: "cmd/promtool",
    // Rules need no clients of clouds, which take most of the time of a build.
    tags: "remove_all_sd",
    ldflags: stripped,
  },
  crane: {
    module: "github.com/google/go-containerregistry",
    version: tagOf(images.crane),
    package: "cmd/crane",
    ldflags: stripped,
  },
  cosign: {
    module: "github.com/sigstore/cosign/v3",
    // The image is the variant with a shell.
    version: tagOf(images.cosign).replace(/-dev$/, ""),
    package: "cmd/cosign",
  },
} as const satisfies Record<string, Recipe>;

/** The version in the Kubernetes provider above, for a comparison with Helm alone. */
export const helmRecipe: Recipe = {
  module: "helm.sh/helm/v3",
  version: "v3.18.6",
  package: "cmd/helm",
};

/** The tag of an image with a registry, and possibly a digest. */
export function tagOf(image: string): string {
  return /:([^:@/]+)(?:@sha256:[0-9a-f]+)?$/.exec(image)?.[1] ?? "";
}

export function withoutDigest(image: string): string {
  return image.replace(/@.*/, "");
}

export type ClusterTool = keyof typeof recipes;

/** A lane of tests that runs these programs. */
export type Lane = "parts" | "up" | "cluster" | "webhooks";

/** Programs that a single lane runs. */
const runOnlyIn: Readonly<Partial<Record<ClusterTool, Lane>>> = {
  argo: "parts",
  cosign: "parts",
  "kube-router": "webhooks",
  promtool: "parts",
  traefik: "parts",
};

/** The programs that a lane may run. */
export function toolsOf(lane: Lane): ClusterTool[] {
  return Object.keys(recipes)
    .map((name) => name as ClusterTool)
    .filter((name) => (runOnlyIn[name] ?? lane) === lane);
}

/** One program. */
export function clusterTool(name: ClusterTool): Promise<string> {
  return goTool(name, recipes[name]);
}
