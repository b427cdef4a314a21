/**
 * Says how a build is: by a status of the commit, or where the stack has it so by a check run.
 *
 * CHECKS_APP  number of the GitHub App whose check run it is; not set where it is a status
 * CHECK_ID    distinguishes the check run of this build from others of the commit
 */
import type { Check } from "./checks.ts";
import { checkTime, setCheck } from "./checks.ts";
import type { Reader } from "./commits.ts";
import { statusTime } from "./commits.ts";
import { readOptional } from "./environment.ts";
import type { GitHub, Status } from "./github.ts";
import { setStatus } from "./github.ts";
import type { Answer } from "./http.ts";

/** @param check undefined where it is a status */
export function postStatus(github: GitHub, status: Status, check = checkOfBuild()): Promise<Answer> {
  return check === undefined ? setStatus(github, status) : setCheck(github, check, status);
}

function checkOfBuild(): Check | undefined {
  const check = { app: readOptional("CHECKS_APP", ""), id: readOptional("CHECK_ID", "") };
  return check.app === "" ? undefined : check;
}

/**
 * When GitHub has heard of an end that this status would take the place of, or may have; empty where it has heard of none.
 *
 * @throws Refusal where GitHub does not answer
 */
export function timeOfStatus(reader: Reader, status: Status, check: Check | undefined): Promise<string> {
  return check === undefined
    ? statusTime(reader, status.commit, status.context)
    : checkTime(reader, check, status);
}
