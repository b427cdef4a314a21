/** What a browser does between a dashboard and an OpenID Connect provider. */

/**
 * Signs on: the dashboard redirects to the provider, which redirects back with a code.
 *
 * @returns the dashboard's response to the code
 */
export async function signOn(begin: string, callback: string, code: string): Promise<Response> {
  const begun = await fetch(begin, { redirect: "manual" });
  const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
  return fetch(`${callback}?${new URLSearchParams({ code, state }).toString()}`, {
    redirect: "manual",
    headers: { cookie: cookiesOf(begun) },
  });
}

/** The cookies that an answer sets, as the next request sends them. */
export function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((one) => one.slice(0, one.indexOf(";")))
    .join("; ");
}
