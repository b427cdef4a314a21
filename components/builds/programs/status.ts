/**
 * Reports the state of a build: by a commit status or, if the stack enables it, by a check run.
 *
 * CHECKS_APP  ID of the GitHub App that creates check runs; not set for commit statuses
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

/** @param check undefined for a commit status */
export function postStatus(github: GitHub, status: Status, check = checkOfBuild()): Promise<Answer> {
  return check === undefined ? setStatus(github, status) : setCheck(github, check, status);
}

function checkOfBuild(): Check | undefined {
  const check = { app: readOptional("CHECKS_APP", ""), id: readOptional("CHECK_ID", "") };
  return check.app === "" ? undefined : check;
}

/**
 * The time of a report on GitHub that this status would or might replace; empty if there is none.
 *
 * @throws Refusal if GitHub does not answer
 */
export function timeOfStatus(reader: Reader, status: Status, check: Check | undefined): Promise<string> {
  return check === undefined
    ? statusTime(reader, status.commit, status.context)
    : checkTime(reader, check, status);
}
