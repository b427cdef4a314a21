/** Policies for what a pod may do to its node, based on Kubernetes' Pod Security Standards. */
import { at, listAt } from "../../components/builds/programs/json.ts";
import { fields, text, texts } from "../declared/fields.ts";
import type { Container, Pod } from "../declared/pods.ts";
import { readPatch } from "../declared/pods.ts";
import type { Policy } from "./policy.ts";
import { ofContainers, ofPods, when } from "./policy.ts";

/** A field of a container's security context, or else of its pod's. */
function secured(field: string, { content }: Container, { spec }: Pod): unknown {
  return at(content, "securityContext", field) ?? at(spec, "securityContext", field);
}

/** Capabilities that the level `baseline` allows a container to add. */
const baseline = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"],
  ...["NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
];

const ofHost = ["hostNetwork", "hostPID", "hostIPC"];

function hostAccess({ spec, containers }: Pod): string[] {
  const ports = containers.flatMap(({ content }) => listAt(content, "ports"));
  return [
    ...ofHost.filter((key) => spec[key] === true),
    ...listAt(spec, "volumes").flatMap((one) =>
      when(at(one, "hostPath") !== undefined, `the hostPath ${text(one, "hostPath", "path")}`),
    ),
    ...ports.flatMap((one) =>
      when(at(one, "hostPort") !== undefined, `the hostPort ${text(one, "hostPort")}`),
    ),
  ];
}

function unconfined(field: "seccompProfile" | "appArmorProfile", container: Container, pod: Pod): string[] {
  const type = text(secured(field, container, pod), "type");
  const missing = field === "seccompProfile" && type === "";
  return when(missing || type === "Unconfined", `${field} is ${type === "" ? "missing" : type}`);
}

function isRoot(container: Container, pod: Pod): boolean {
  return (
    secured("runAsUser", container, pod) === 0 ||
    !(Number(secured("runAsUser", container, pod)) > 0 || secured("runAsNonRoot", container, pod) === true)
  );
}

function patchProblems(patch: unknown): string[] {
  if (patch === undefined) return [];
  const hidden = ["containers", "initContainers", "volumes"].filter((key) => key in readPatch(patch));
  if (hidden.length > 0) return [`podSpecPatch changes ${hidden.join(", ")}`];
  return when(Object.keys(readPatch(patch)).length === 0, "podSpecPatch cannot be read");
}

export const podPolicies: readonly Policy[] = [
  {
    name: "no-privileged-container",
    why: "A privileged container is root on its node.",
    fix: "Remove `privileged`, and add only the capability that is needed.",
    find: ofContainers(({ content }) =>
      when(at(content, "securityContext", "privileged") === true, "privileged"),
    ),
  },
  {
    name: "no-host-access",
    why: "Every other pod on the node shares its files, processes and network.",
    fix: "Use a volume of the pod, and a Service.",
    find: ofPods(hostAccess),
  },
  {
    name: "dropped-capabilities",
    why: "An attacker in a container is limited to the container's capabilities.",
    fix: "Set capabilities.drop to [ALL], and add none that the level baseline refuses.",
    find: ofContainers(({ content }) => {
      const capabilities = fields(content, "securityContext", "capabilities");
      const added = texts(capabilities, "add").filter((one) => !baseline.includes(one));
      return [
        ...when(!texts(capabilities, "drop").includes("ALL"), "not all capabilities are dropped"),
        ...added.map((one) => `adds the capability ${one}`),
      ];
    }),
  },
  {
    name: "no-privilege-escalation",
    why: "A set-user-ID program would restore what the user and the capabilities take away.",
    fix: "Set allowPrivilegeEscalation to false.",
    find: ofContainers(({ content }) =>
      when(
        at(content, "securityContext", "allowPrivilegeEscalation") !== false,
        "allows privilege escalation",
      ),
    ),
  },
  {
    name: "no-root",
    why: "Root in a container is root outside if it breaks out.",
    fix: "Set runAsNonRoot, and also runAsUser if the image's user is a name.",
    find: ofContainers((container, pod) => when(isRoot(container, pod), "may run as root")),
  },
  {
    name: "confined-system-calls",
    why: "Most container escapes start with a system call that no program here needs.",
    fix: "Set seccompProfile.type to RuntimeDefault, and leave appArmorProfile out.",
    find: ofContainers((container, pod) => [
      ...unconfined("seccompProfile", container, pod),
      ...unconfined("appArmorProfile", container, pod),
    ]),
  },
  {
    name: "read-only-root",
    why: "An attacker in a container cannot install tools or replace programs.",
    fix: "Set readOnlyRootFilesystem, and mount an emptyDir where the program writes.",
    find: ofContainers(({ content }) =>
      when(
        at(content, "securityContext", "readOnlyRootFilesystem") !== true,
        "its root file system is writable",
      ),
    ),
  },
  {
    name: "readable-pod-patch",
    why: "A patch can undo what every other policy has checked.",
    fix: "Write podSpecPatch as JSON, without expressions, containers and volumes.",
    find: ofPods(({ spec }) => patchProblems(spec["podSpecPatch"])),
  },
];
