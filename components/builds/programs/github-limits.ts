/**
 * The limits of GitHub's API, and how it says that one is reached.
 *
 * Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
import type { Answer } from "./http.ts";

/** Whether GitHub takes nothing more for a while: by the limit of an hour, or by one of those against bursts. */
function isLimited({ code, headers, reason, retryAfter }: Answer): boolean {
  if (code === 429) return true;
  if (code !== 403) return false;
  return retryAfter > 0 || headers["x-ratelimit-remaining"] === "0" || /rate limit/i.test(reason);
}

/** Whether the same request may be taken later: there is nothing wrong with it, nor with its token. */
export function mayPassLater(answer: Answer): boolean {
  return answer.code === 0 || answer.code === 408 || answer.code >= 500 || isLimited(answer);
}
