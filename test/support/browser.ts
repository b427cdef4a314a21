/** What a browser does between a dashboard and a provider of OpenID Connect. */

/** The cookies that an answer sets, as the next request sends them. */
export function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((one) => one.slice(0, one.indexOf(";")))
    .join("; ");
}
