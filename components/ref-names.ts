/** What builds call themselves that are not of a project's own branch: of pull requests, and of other branches. */

export interface RefNames {
  /** Begins the label by which older builds of the same are found, and the image's tag. */
  readonly prefix: string;
  /** Ends the name of what is reported to GitHub. */
  readonly suffix: `/${string}`;
  /** Those labels and tags. */
  readonly label: RegExp;
  readonly tag: RegExp;
}

/** The prefix is followed by its number. */
export const ofPullRequest = {
  prefix: "pull-",
  suffix: "/pull-request",
  label: /^pull-[0-9]+$/,
  tag: /^pull-[0-9]+-[0-9a-f]{7}$/,
} as const satisfies RefNames;

/** The prefix is followed by the branch's name, with a `-` for each `/`. */
export const ofOtherBranch = {
  prefix: "branch-",
  suffix: "/branch",
  label: /^branch-./,
  tag: /^branch-.+-[0-9a-f]{7}$/,
} as const satisfies RefNames;

/**
 * The ref of another branch, as a regular expression that is not anchored: with the prefix, its name is the value of a label, which
 * has 63 characters and a letter or a digit at its end, and nothing of it is left to expand or to quote.
 */
export const otherBranchRef = "refs/heads/[A-Za-z0-9]([A-Za-z0-9._/-]{0,54}[A-Za-z0-9])?";
