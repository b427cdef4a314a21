/**
 * Tokens of a GitHub App: each has only the permissions that it needs, and is valid for one hour.
 *
 * The App authenticates with a JSON Web Token (RFC 7519, RS256), signed with its private key. The key never leaves this
 * process, and the JSON Web Token is sent only to GitHub's API.
 */
import { createPrivateKey, sign } from "node:crypto";
import { githubHeaders } from "./github.ts";
import type { Answer } from "./http.ts";
import { parseJson, textAt } from "./json.ts";

export interface TokenSpec {
  readonly installation: string;
  /** `read` or `write`, by GitHub's names of permissions. */
  readonly permissions: Readonly<Record<string, string>>;
  /** Names without the owner; if empty, all repositories of the installation. */
  readonly repositories: readonly string[];
}

/** In seconds: GitHub's clock may be behind, and GitHub rejects a token that is valid for more than ten minutes. */
const validity = { before: 60, after: 480 };

/**
 * The JSON Web Token with which the App authenticates.
 *
 * @param key in PEM format
 * @param now in seconds since 1970
 * @throws Error if it is not an RSA key
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

/** Node's own error is not passed on: it may quote the key. */
function privateKey(pem: string) {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "rsa") return key;
  } catch {
    // Reported below.
  }
  throw new Error(
    "the GitHub App's private key is not an RSA key in PEM format: set secrets.githubAppKey to the .pem file",
  );
}

interface TokenRequest {
  readonly method: "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function tokenRequest(api: string, jwt: string, spec: TokenSpec): TokenRequest {
  const { installation, permissions, repositories } = spec;
  return {
    method: "POST",
    url: `${api}/app/installations/${installation}/access_tokens`,
    headers: { authorization: `Bearer ${jwt}`, ...githubHeaders, "content-type": "application/json" },
    body: JSON.stringify({ ...(repositories.length === 0 ? {} : { repositories }), permissions }),
  };
}

/**
 * The token in GitHub's answer. Its format is up to GitHub: any printable ASCII without spaces, which cannot break a
 * header.
 *
 * @throws Error with the reason if there is none; the message does not contain the JSON Web Token
 */
export function tokenIn(
  { code, text, reason }: Pick<Answer, "code" | "text" | "reason">,
  jwt: string,
): string {
  if (code !== 201) throw new Error(`GitHub issued no token to the App: ${reason.replaceAll(jwt, "***")}`);
  const token = textAt(parseJson(text), "token");
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Error("GitHub issued no token to the App: its answer contains none");
}
