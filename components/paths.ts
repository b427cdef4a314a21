/** Paths inside a repository. */
import { posix } from "node:path";
import { z } from "zod";
import { must } from "./checks.ts";

const pathError = {
  error: must(
    "a path inside the repository, of letters, digits, '.', '_', '/', and after the first character also '@', '+', '-' and spaces; without .. and without a space at the end",
    "write it like services/web",
  ),
};

/** No commit contains a folder `.git`. */
function canBeCommitted(path: string): boolean {
  return !/(^|\/)\.git(\/|$)/i.test(path);
}

const unlistedError = {
  error: must(
    "a path that a commit can contain, which excludes .git",
    "name a folder or file of the repository",
  ),
};

function asListed(text: string): string {
  return posix.normalize(text).replace(/\/$/, "");
}

/** A path inside a repository, as git lists it: `./web/` becomes `web`. */
export const repositoryPath = z
  .string()
  .regex(/^(?!.*(^|\/)\.\.(\/|$))(?!.* \/?$)[A-Za-z0-9._][A-Za-z0-9._/ @+-]*$/, pathError)
  .refine(canBeCommitted, unlistedError)
  .transform(asListed);

/** A path inside a repository, from its root with a leading `/`. */
export const rootedPath = z
  .string()
  .regex(/^(?!.*(^|\/)\.\.(\/|$))(?!.*( |\/|\/\.)$)\/?[A-Za-z0-9._][A-Za-z0-9._/ @+-]*$/, {
    error: must(
      "a file inside the repository, of letters, digits, '.', '_', '/', and after the first character also '@', '+', '-' and spaces; without ..; a leading / is the repository's root",
      "write it like Dockerfile or /docker/web.Dockerfile",
    ),
  })
  .refine(canBeCommitted, unlistedError)
  .transform((text) => posix.normalize(text));

/**
 * A folder or file of a repository, but not all of it. It is only compared with the paths that a push changes, so that
 * any name is allowed, except for pattern characters of other programs, which would match nothing here.
 */
export const partOfRepository = z
  .string()
  .regex(
    /^(?![/!]|.*(^|\/)\.\.(\/|$))(?!(.*\/)? |.* (\/|$))[^\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"\\*?]+$/u,
    {
      error: must(
        'the full path of a folder or file in the repository, not a pattern: without * ? \\ and ", without a leading / or !, without .. and without spaces at the ends of names',
        "write it like services/web",
      ),
    },
  )
  .refine(canBeCommitted, unlistedError)
  .transform(asListed)
  .refine((path) => path !== ".", {
    error: must("a part of the repository", "remove the key if every path matters"),
  });
