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

/** A path inside a repository, as git lists it: `./web/` and `web` are one. */
export const repositoryPath = z
  .string()
  .regex(/^(?!.*(^|\/)\.\.(\/|$))(?!.* \/?$)[A-Za-z0-9._][A-Za-z0-9._/ @+-]*$/, pathError)
  .refine(isListed, unlistedError)
  .transform((text) => posix.normalize(text).replace(/\/$/, ""));

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

/** A folder or file of a repository, and not all of it. */
export const partOfRepository = repositoryPath.refine((path) => path !== ".", {
  error: says("a part of the repository", "remove the key if every path matters"),
});
