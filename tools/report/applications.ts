/** What is live: from Applications, as the cluster has them. */

/** An Application; only what is read is typed. */
export interface Application {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly sync?: { readonly status?: string };
    readonly health?: { readonly status?: string };
    readonly summary?: { readonly images?: readonly string[] };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
  };
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

/** @param commits of the images that are known, by their digest */
export function liveApplications(
  applications: readonly Application[],
  commits: ReadonlyMap<string, string>,
): LiveApplication[] {
  return applications.map(({ metadata: { name }, status = {} }) => ({
    name,
    sync: status.sync?.status ?? "Unknown",
    health: status.health?.status ?? "Unknown",
    errors: (status.conditions ?? [])
      .filter(({ type }) => type.endsWith("Error"))
      .map(({ message }) => message),
    images: (status.summary?.images ?? []).toSorted().map((image) => ({
      image,
      commit: commits.get(/@(sha256:[0-9a-f]{64})$/.exec(image)?.[1] ?? ""),
    })),
  }));
}
