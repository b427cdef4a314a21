/** Names in builds of other refs than the project's own branch: pull requests and other branches. */

export interface RefNames {
  /** Begins the image tag, and the label that finds older builds of the same ref. */
  readonly prefix: string;
  /** Ends the name of the report on GitHub. */
  readonly suffix: `/${string}`;
  /** Matches such a label. */
  readonly label: RegExp;
  /** Matches such a tag. */
  readonly tag: RegExp;
}

/** The prefix is followed by the number of the pull request. */
export const pullRequestNames = {
  prefix: "pull-",
  suffix: "/pull-request",
  label: /^pull-[0-9]+$/,
  tag: /^pull-[0-9]+-[0-9a-f]{7}$/,
} as const satisfies RefNames;

/** The prefix is followed by the branch's name, with a `-` for each `/`. */
export const otherBranchNames = {
  prefix: "branch-",
  suffix: "/branch",
  label: /^branch-./,
  tag: /^branch-.+-[0-9a-f]{7}$/,
} as const satisfies RefNames;

/**
 * The ref of another branch, as an unanchored regular expression. With the prefix, its name must be a valid label value
 * (at most 63 characters, a letter or digit at the end), and it contains nothing that is expanded or needs quotes.
 */
export const otherBranchRef = "refs/heads/[A-Za-z0-9]([A-Za-z0-9._/-]{0,54}[A-Za-z0-9])?";
