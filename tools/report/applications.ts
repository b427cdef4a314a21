/** What is live: from Applications, as the cluster has them. */
import { cut, oneLine } from "../../components/builds/programs/text.ts";

/** An Application; only what is read is typed. */
export interface Application {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly sync?: { readonly status?: string };
    readonly health?: { readonly status?: string };
    readonly summary?: { readonly images?: readonly string[] };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    /** The last syncs, the oldest first. Argo CD keeps ten. */
    readonly history?: readonly Sync[];
  };
}

interface Sync {
  /** When it had ended. */
  readonly deployedAt: string;
  readonly source?: unknown;
  readonly sources?: unknown;
}

export interface LiveApplication {
  readonly name: string;
  readonly sync: string;
  readonly health: string;
  /** What is wrong with it, in Argo CD's words. */
  readonly errors: readonly string[];
  /** The images of its pods, and the commit of those that a build has made. */
  readonly images: readonly { readonly image: string; readonly commit: string | undefined }[];
}

/** Characters of an error: Argo CD may quote a whole manifest. */
const longest = 500;

/** @param commits of the images that are known, by their digest */
export function liveApplications(
  applications: readonly Application[],
  commits: ReadonlyMap<string, string>,
): LiveApplication[] {
  return applications.map((application) => ({
    name: application.metadata.name,
    sync: application.status?.sync?.status ?? "Unknown",
    health: application.status?.health?.status ?? "Unknown",
    errors: (application.status?.conditions ?? [])
      .filter(({ type }) => type.endsWith("Error"))
      .map(({ message }) => cut(oneLine(message), longest, "…")),
    images: imagesOf(application).map((image) => ({ image, commit: commits.get(digestOf(image) ?? "") })),
  }));
}

/** Those of its pods, as the pods name them. */
export function imagesOf({ status }: Application): string[] {
  return (status?.summary?.images ?? []).toSorted();
}

export function digestOf(image: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1];
}

export interface Since {
  /** A time, as Kubernetes writes it. */
  readonly at: string;
  /** Whether it may be longer: nothing older is known. */
  readonly orEarlier: boolean;
}

/**
 * Since when an Application is to have an image: the first of its last syncs that name it without a break. Undefined where syncs
 * do not name images, because they come by a commit of the Image Updater's.
 */
export function sinceSync({ status }: Application, digest: string): Since | undefined {
  const history = status?.history ?? [];
  const another = history.findLastIndex(
    ({ source, sources }) => !JSON.stringify([source, sources]).includes(digest),
  );
  const first = history[another + 1];
  return first === undefined ? undefined : { at: first.deployedAt, orEarlier: another === -1 };
}
