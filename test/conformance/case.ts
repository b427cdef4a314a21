/** A small Dockerfile, and the image that Docker's documentation says it makes. */

/** A file of a build context: its text, or what else it is. */
export type ContextFile =
  string | { readonly text: string; readonly mode: number } | { readonly link: string } | Archive;

/** An archive of files and their folder, all with this mode and of user 7 and group 8. */
export interface Archive {
  readonly archive: Readonly<Record<string, string>>;
  readonly mode: number;
  readonly compressed?: "gzip" | "bzip2" | "xz" | "zstd";
}

export interface Case {
  /** The construct, as the Dockerfile reference calls it. */
  readonly construct: string;
  /** What Docker makes of it, in words. */
  readonly result: string;
  /**
   * `BASE` stands for an image with a shell, the users `root` and `app` (1000), and the groups `app` (1000) and `web` (2000);
   * `VOLUMED` for the same with the volume `/data`, `MANY` for it beside one for another architecture, and `HOST` for the
   * registry of these.
   */
  readonly dockerfile: string;
  readonly context?: Readonly<Record<string, ContextFile>>;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly target?: string;
  /**
   * Path in the image -> what is there: `0644 0:0 text` (mode, owner and text of a file), `dir 0755 0:0`, `-> target`, or
   * `absent`. A text may be left out.
   */
  readonly files?: Readonly<Record<string, string>>;
  /** Fields of the image's configuration; those that are not named are not looked at. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Other fields beside the configuration. */
  readonly image?: { readonly author?: string; readonly architecture?: string };
  /** The build ends with an error, as Docker's does. */
  readonly fails?: true;
  /** What the check of the Dockerfile reports to the author, where Kaniko makes something else of it: line, what it does, and a fix. */
  readonly refused?: string;
  /** What Kaniko makes instead, where the check of the Dockerfile cannot know. */
  readonly unnoticed?: string;
  /** The older Kaniko of `npm run test:cluster` makes something else. */
  readonly newer?: true;
  /** BuildKit downloads something for it, which the tests may not. */
  readonly download?: true;
}
