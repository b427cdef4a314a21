/** Where everything goes: the namespaces of a stack, and the addresses of its pages. */
import type { PodSecurity } from "../namespaces.ts";
import type { DnsLabel } from "../names.ts";
import type { ProjectWithSecrets, Settings } from "../settings.ts";

type BuilderName = ProjectWithSecrets["repositories"][number]["builder"];

/** A builder that needs more than the others has a namespace of its own, so that those stay confined. */
export function namespaceOf(builder: BuilderName, { namespaces }: Settings): DnsLabel {
  return builder === "buildkit" ? namespaces.buildkit : namespaces.builds;
}

export function namespacesOfBuilds(settings: Settings): DnsLabel[] {
  const used = settings.projects.flatMap(({ repositories }) =>
    repositories.map(({ builder }) => namespaceOf(builder, settings)),
  );
  return [...new Set([settings.namespaces.builds, ...used])];
}

export function namespacesOfApplications({ applications }: ProjectWithSecrets): DnsLabel[] {
  return [...new Set(applications.map(({ namespace }) => namespace))];
}

/** Every namespace that the stack makes: not `default` and `kube-…`, which Kubernetes brings. */
export function namespaceLevels(settings: Settings): Map<DnsLabel, PodSecurity | undefined> {
  const { namespaces, addons: wanted, projects } = settings;
  const ofApplications = projects
    .flatMap(namespacesOfApplications)
    .filter((namespace) => !/^(default|kube-.*)$/.test(namespace));
  const levels = new Map<DnsLabel, PodSecurity | undefined>(
    ofApplications.map((namespace) => [namespace, undefined]),
  );
  const parts: [DnsLabel, PodSecurity, boolean][] = [
    [namespaces.workflows, "restricted", true],
    [namespaces.events, "restricted", true],
    [namespaces.builds, "baseline", true],
    [namespaces.buildkit, "privileged", namespacesOfBuilds(settings).includes(namespaces.buildkit)],
    [namespaces.delivery, "restricted", true],
    [namespaces.rollouts, "restricted", wanted.argoRollouts],
    [namespaces.ingress, "restricted", wanted.ingressController !== undefined],
    [namespaces.storage, "privileged", wanted.rookCeph],
    [namespaces.registry, "restricted", wanted.registry !== undefined],
  ];
  for (const [namespace, level, made] of parts) if (made) levels.set(namespace, level);
  return levels;
}

/** The address of a page, as far as the settings know it. */
export function pageUrl(host: string | undefined, nodePort: number | undefined): string {
  const port = nodePort === undefined ? "" : `:${nodePort.toString()}`;
  if (host !== undefined) return `https://${host}${port}`;
  return nodePort === undefined
    ? "inside the cluster only; see kubectl port-forward"
    : `https://<any node>${port}`;
}
