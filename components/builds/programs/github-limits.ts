/**
 * Recognizes the rate limits of GitHub's API.
 *
 * Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
import type { Answer } from "./http.ts";

/** Whether the primary (hourly) or a secondary rate limit is reached. */
function isLimited({ code, headers, reason, retryAfter }: Answer): boolean {
  if (code === 429) return true;
  if (code !== 403) return false;
  return retryAfter > 0 || headers["x-ratelimit-remaining"] === "0" || /rate limit/i.test(reason);
}

/** Whether the same request may succeed later: neither it nor its token is at fault. */
export function isRetryable(answer: Answer): boolean {
  return answer.code === 0 || answer.code === 408 || answer.code >= 500 || isLimited(answer);
}
