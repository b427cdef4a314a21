/** A small Dockerfile, and the image that it makes according to Docker's documentation. */

/** A file of a build context: its text, or a text with a mode, a link or an archive. */
export type ContextFile =
  string | { readonly text: string; readonly mode: number } | { readonly link: string } | Archive;

/** An archive of files and their folder, all with this mode, user 7 and group 8. */
export interface Archive {
  readonly archive: Readonly<Record<string, string>>;
  readonly mode: number;
  readonly compressed?: "gzip" | "bzip2" | "xz" | "zstd";
}

export interface Case {
  /** The construct, as named in the Dockerfile reference. */
  readonly construct: string;
  /** What Docker makes of it, for the table in the documentation. */
  readonly result: string;
  /**
   * `BASE` is an image with a shell, the users `root` and `app` (1000), and the groups `app` (1000) and `web` (2000).
   * `VOLUMED` is the same with the volume `/data`, `MANY` is an index of it and of an image for another architecture,
   * and `HOST` is the registry of these.
   */
  readonly dockerfile: string;
  readonly context?: Readonly<Record<string, ContextFile>>;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly target?: string;
  /**
   * Path in the image -> what is expected: `0644 0:0 text` (mode, owner and text of a file), `dir 0755 0:0`, `-> target`,
   * or `absent`. The text may be omitted.
   */
  readonly files?: Readonly<Record<string, string>>;
  /** Fields of the image's configuration; others are not compared. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Fields outside of the configuration. */
  readonly image?: { readonly author?: string; readonly architecture?: string };
  /** The build fails, as Docker's does. */
  readonly fails?: true;
  /** The error of the Dockerfile check if Kaniko makes something else: line, what Kaniko does, and a fix. */
  readonly refused?: string;
  /** What Kaniko makes instead if the Dockerfile check cannot detect it. */
  readonly unnoticed?: string;
  /** The older Kaniko of `npm run test:cluster` differs. */
  readonly newer?: true;
  /** BuildKit downloads something for it, which is not possible in the tests. */
  readonly download?: true;
}
