/** Reads what is live from the cluster's Applications. */
import { cut, oneLine } from "../../components/builds/programs/text.ts";

/** An Application, with the fields that are read. */
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
  /** When it ended. */
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
  /** The images of its pods, with the commit if a build made the image. */
  readonly images: readonly { readonly image: string; readonly commit: string | undefined }[];
}

/** In characters: Argo CD may quote a whole manifest. */
const maxError = 500;

/** @param commits by the digests of the images that are known */
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
      .map(({ message }) => cut(oneLine(message), maxError, "…")),
    images: imagesOf(application).map((image) => ({ image, commit: commits.get(digestOf(image) ?? "") })),
  }));
}

/** The images of its pods, as the pods name them. */
export function imagesOf({ status }: Application): string[] {
  return (status?.summary?.images ?? []).toSorted();
}

export function digestOf(image: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1];
}

export interface Since {
  /** A time, as Kubernetes writes it. */
  readonly at: string;
  /** Whether it may be earlier, since no older record exists. */
  readonly orEarlier: boolean;
}

/**
 * When an Application was synced to an image: the first of its last consecutive syncs that name it. Undefined if the
 * syncs do not name images, because the Image Updater commits them to git.
 */
export function sinceSync({ status }: Application, digest: string): Since | undefined {
  const history = status?.history ?? [];
  const another = history.findLastIndex(
    ({ source, sources }) => !JSON.stringify([source, sources]).includes(digest),
  );
  const first = history[another + 1];
  return first === undefined ? undefined : { at: first.deployedAt, orEarlier: another === -1 };
}
