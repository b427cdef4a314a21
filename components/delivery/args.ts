/** Derives the arguments of delivery from the settings. */
import { argoCdWebhookUrl } from "../charts/argo-cd.ts";
import { subscriptions } from "../charts/argo-cd-notifications.ts";
import type { GroupKind, Leaving } from "../kinds/argocd.ts";
import type { DnsLabel, Owner, RepositoryName } from "../names.ts";
import { followedTag, imageParts } from "../derived-names.ts";
import { joinPath } from "../settings/errors.ts";
import type { ApplicationSettings, ProjectSettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import type { RegistryLogin } from "../settings/secret-values.ts";
import { namespacesOfApplications } from "../settings/places.ts";
import type { FollowedImage } from "./applications.ts";
import type { ImagePolicyArgs } from "./image-policy.ts";
import { resolvedName } from "./image-policy.ts";
import type { ImageReference, RegistryAccess } from "./registry.ts";

export interface DeliveryArgs {
  readonly namespace: DnsLabel;
  readonly projects: readonly DeliveredProject[];
  /** Undefined if the images of pods are not verified. */
  readonly imagePolicy: ImagePolicyArgs | undefined;
}

export interface DeliveredProject {
  readonly name: DnsLabel;
  readonly applications: readonly (ApplicationSettings & { readonly images: readonly FollowedImage[] })[];
  readonly clusterKinds: readonly GroupKind[];
  /** Namespaces in which an application is being deleted with its objects. */
  readonly leaving: readonly DnsLabel[];
  /** Of each Application: they subscribe users to its notifications. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** @param leaving the applications that this edit removes together with what they run */
export function deliveryArgs(settings: Settings, leaving: readonly Leaving[]): DeliveryArgs {
  const { namespaces, projects } = settings;
  return {
    namespace: namespaces.delivery,
    projects: projects.map((project) => deliveredProject(project, leaving)),
    imagePolicy: imagePolicyArgs(settings),
  };
}

function imagePolicyArgs({ builds, projects, registry }: Settings): ImagePolicyArgs | undefined {
  const { admission, publicKeys } = builds.signing;
  const namespaces = [...new Set(projects.flatMap(namespacesOfApplications))];
  // Kubernetes accepts no selector without values.
  if (admission === "off" || namespaces.length === 0) return undefined;
  const signed = projects.flatMap(({ repositories }) => repositories.filter(({ signing }) => signing));
  return {
    refuses: admission === "refuse",
    namespaces,
    images: signed.map(({ image, cloneUrl }) => ({ name: resolvedName(image), source: cloneUrl })),
    publicKeys,
    insecure: registry.insecure,
  };
}

function deliveredProject(project: ProjectSettings, leaving: readonly Leaving[]): DeliveredProject {
  const { name, applications, clusterKinds } = project;
  return {
    name,
    clusterKinds,
    leaving: leaving.filter((one) => one.project === name).map(({ namespace }) => namespace),
    annotations: subscriptions(project),
    applications: applications.map((one) => ({ ...one, images: followedImages(one, project) })),
  };
}

function followedImages({ follows }: ApplicationSettings, { branch }: ProjectSettings): FollowedImage[] {
  return follows.map(({ object, image, tags, pin }) => ({
    alias: object,
    image,
    tag: followedTag(tags, branch, pin),
  }));
}

export interface ClusterWebhooksArgs {
  /** Argo CD's webhook; undefined if GitHub cannot reach it. */
  readonly url: string | undefined;
  readonly repositories: readonly { readonly owner: Owner; readonly name: RepositoryName }[];
}

export function clusterWebhooksArgs(settings: Settings): ClusterWebhooksArgs {
  const all = settings.projects.flatMap(({ owner, applications }) =>
    applications.map(({ repository }) => ({ owner, name: repository })),
  );
  const byName = new Map(all.map((one) => [`${one.owner}/${one.name}`, one]));
  return { url: argoCdWebhookUrl(settings), repositories: [...byName.values()] };
}

export interface PinsArgs extends Omit<RegistryAccess, "login"> {
  readonly login: RegistryLogin | undefined;
  readonly pins: readonly Pin[];
}

/** A repository that is pinned to a commit. */
export interface Pin {
  /** Its path in the stack file. */
  readonly path: string;
  readonly commit: string;
  readonly image: ImageReference;
}

export function pinsArgs({ registry: { host, insecure }, secrets, projects }: Settings): PinsArgs {
  const pins = projects.flatMap(({ name, branch, repositories }) =>
    repositories.flatMap(({ image, tags, pin }, index) =>
      pin === undefined
        ? []
        : [
            {
              path: joinPath("projects", [name, "repositories", index, "pin"]),
              commit: pin,
              image: { path: imageParts(image).path, tag: followedTag(tags, branch, pin) },
            },
          ],
    ),
  );
  return { host, insecure, login: secrets.registryLogin, pins };
}
