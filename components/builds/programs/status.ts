/**
 * Says how a build is: by a status of the commit, or where the stack has it so by a check run.
 *
 * CHECKS_APP  number of the GitHub App whose check run it is; not set where it is a status
 * CHECK_ID    what tells the check run of this build from others of the commit
 */
import { setCheck } from "./checks.ts";
import { readOptional } from "./environment.ts";
import type { GitHub, Status } from "./github.ts";
import { setStatus } from "./github.ts";

export function tellStatus(github: GitHub, status: Status): Promise<void> {
  const check = { app: readOptional("CHECKS_APP", ""), id: readOptional("CHECK_ID", "") };
  return check.app === "" ? setStatus(github, status) : setCheck(github, check, status);
}
