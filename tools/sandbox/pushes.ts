/** Pushes to the git server, as its hook records them, and as GitHub would deliver them. */

/** The change of one branch or tag. */
export interface RefUpdate {
  readonly before: string;
  readonly after: string;
  readonly ref: string;
}

/** The file in the bare repository in which the hook records pushes. */
export const notesFile = "pushed";

/** The hook `post-receive`. Git shows its output to the user who pushes. */
export const receiveHook = `#!/bin/sh
cat >>${notesFile}
echo "The webhook is notified. The sandbox prints the progress."
`;

/** @param notes lines of \`before after ref\` */
export function refUpdates(notes: string): RefUpdate[] {
  return notes
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap(([before, after, ref]) =>
      before === undefined || after === undefined || ref === undefined ? [] : [{ before, after, ref }],
    );
}

/** Git's name for the commit of a branch that does not exist. */
export const noCommit = "0".repeat(40);

export function isNew({ before }: RefUpdate): boolean {
  return before === noCommit;
}

export function isGone({ after }: RefUpdate): boolean {
  return after === noCommit;
}

/** The fields that turn a recorded push into this one. */
export function pushFields(update: RefUpdate, message: string): object {
  return {
    before: update.before,
    created: isNew(update),
    deleted: isGone(update),
    head_commit: isGone(update) ? null : { id: update.after, message, added: [], removed: [], modified: [] },
  };
}
