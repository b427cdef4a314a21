/**
 * Tokens of a GitHub App: each is for what it is needed for, and for one hour.
 *
 * The App proves itself by a JSON Web Token (RFC 7519, RS256), signed by its private key, which leaves this process as little as the
 * key does but for GitHub's API.
 */
import { createPrivateKey, sign } from "node:crypto";
import { githubHeaders } from "./github.ts";
import type { Answer } from "./http.ts";
import { parseJson, textAt } from "./json.ts";

/** What a token is to be for. */
export interface Wanted {
  readonly installation: string;
  /** GitHub's names of permissions, and `read` or `write`. */
  readonly permissions: Readonly<Record<string, string>>;
  /** Without their owner; all of the installation where there are none. */
  readonly repositories: readonly string[];
}

/** Seconds: GitHub's clock may be behind, and takes no token that lasts longer than ten minutes. */
const validity = { before: 60, after: 480 };

/**
 * By which GitHub's API knows the App.
 *
 * @param key in PEM
 * @param now in seconds since 1970
 * @throws Error that says that this is no key
 */
export function appJwt(app: string, key: string, now: number): string {
  const claims = { iat: now - validity.before, exp: now + validity.after, iss: app };
  const signed = [{ alg: "RS256", typ: "JWT" }, claims]
    .map((part) => base64url(JSON.stringify(part)))
    .join(".");
  return `${signed}.${base64url(sign("sha256", Buffer.from(signed), privateKey(key)))}`;
}

function base64url(data: string | Buffer): string {
  return Buffer.from(data).toString("base64url");
}

/** What Node says of a key that it cannot read is not passed on. */
function privateKey(pem: string) {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "rsa") return key;
  } catch {
    // Reported below.
  }
  throw new Error(
    "the GitHub App's private key is no RSA key in PEM: set secrets.githubAppKey to the .pem file",
  );
}

interface TokenRequest {
  readonly method: "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The request for a token. */
export function tokenRequest(api: string, jwt: string, wanted: Wanted): TokenRequest {
  const { installation, permissions, repositories } = wanted;
  return {
    method: "POST",
    url: `${api}/app/installations/${installation}/access_tokens`,
    headers: { authorization: `Bearer ${jwt}`, ...githubHeaders, "content-type": "application/json" },
    body: JSON.stringify({ ...(repositories.length === 0 ? {} : { repositories }), permissions }),
  };
}

/**
 * The token in GitHub's answer. Its form is GitHub's own; no form of it breaks a line or a header.
 *
 * @throws Error that says why there is none, without what was sent
 */
export function tokenIn(
  { code, text, reason }: Pick<Answer, "code" | "text" | "reason">,
  jwt: string,
): string {
  if (code !== 201) throw new Error(`GitHub gives the App no token: ${reason.replaceAll(jwt, "***")}`);
  const token = textAt(parseJson(text), "token");
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Error("GitHub gives the App no token: its answer has none");
}
