/** Paths inside a repository. */
import { posix } from "node:path";
import { z } from "zod";
import { says } from "./checks.ts";

const pathError = {
  error: says(
    "a path inside the repository, of letters, digits, '.', '_', '/', and after the first also '@', '+', '-' and spaces; without .., and without a space at its end",
    "write it like services/web",
  ),
};

/** What git keeps for itself is in no commit. */
function isListed(path: string): boolean {
  return !/(^|\/)\.git(\/|$)/i.test(path);
}

const unlistedError = {
  error: says(
    "a path that a commit can have: .git is part of none",
    "name a folder or file of the repository",
  ),
};

function asListed(text: string): string {
  return posix.normalize(text).replace(/\/$/, "");
}

/** A path inside a repository, as git lists it: `./web/` and `web` are one. */
export const repositoryPath = z
  .string()
  .regex(/^(?!.*(^|\/)\.\.(\/|$))(?!.* \/?$)[A-Za-z0-9._][A-Za-z0-9._/ @+-]*$/, pathError)
  .refine(isListed, unlistedError)
  .transform(asListed);

/** A path inside a repository, from its root with a leading `/`. */
export const rootedPath = z
  .string()
  .regex(/^(?!.*(^|\/)\.\.(\/|$))(?!.*( |\/|\/\.)$)\/?[A-Za-z0-9._][A-Za-z0-9._/ @+-]*$/, {
    error: says(
      "a file inside the repository, of letters, digits, '.', '_', '/', and after the first also '@', '+', '-' and spaces; without .., with a leading / from its root",
      "write it like Dockerfile or /docker/web.Dockerfile",
    ),
  })
  .refine(isListed, unlistedError)
  .transform((text) => posix.normalize(text));

/**
 * A folder or file of a repository that a push may change, and not all of it. Any name of one, since it is compared and nothing
 * else; but for what is meant as a pattern elsewhere, and here would match nothing.
 */
export const partOfRepository = z
  .string()
  .regex(
    /^(?![/!]|.*(^|\/)\.\.(\/|$))(?!(.*\/)? |.* (\/|$))[^\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"\\*?]+$/u,
    {
      error: says(
        'a folder or file of the repository by its whole name, and no pattern: without * ? \\ and ", without a leading / or !, without .. and without spaces at the ends of names',
        "write it like services/web",
      ),
    },
  )
  .refine(isListed, unlistedError)
  .transform(asListed)
  .refine((path) => path !== ".", {
    error: says("a part of the repository", "remove the key if every path matters"),
  });
