/** Pushes to the git server, as git reports them after it has taken them, and as GitHub would send them to its webhook. */

/** What has become of one branch or tag. */
export interface RefUpdate {
  readonly before: string;
  readonly after: string;
  readonly ref: string;
}

/** Where the hook notes pushes, in the bare repository. */
export const notesFile = "pushed";

/** The hook `post-receive`; what it prints, the person who pushes sees. */
export const receiveHook = `#!/bin/sh
cat >>${notesFile}
echo "The webhook is notified. The sandbox shows what becomes of it."
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

/** What is changed of a recorded push, so that it is about this one. */
export function pushFields(update: RefUpdate, message: string): object {
  return {
    before: update.before,
    created: isNew(update),
    deleted: isGone(update),
    head_commit: isGone(update) ? null : { id: update.after, message, added: [], removed: [], modified: [] },
  };
}
