/** An OpenID Connect provider. */
import { createSign, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { makeAuthority, startTlsFront } from "./authority.ts";
import { startHttpServer } from "./http-server.ts";

export interface Provider {
  readonly issuer: string;
  /** The folder with the certificate of its authority. */
  readonly authorities: string;
  readonly stop: () => void;
}

/** @param people the claims of each user, by the code that signs them on */
export async function startProvider(
  folder: string,
  client: { readonly id: string; readonly secret: string },
  people: Readonly<Record<string, object>>,
): Promise<Provider> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const authority = makeAuthority(join(folder, "authority"));
  // Both are encoded as in a form (RFC 6749, section 2.3.1).
  const [id = "", secret = ""] = [client.id, client.secret].map((one) =>
    new URLSearchParams({ "": one }).toString().slice(1),
  );
  const basic = Buffer.from(`${id}:${secret}`).toString("base64");
  let issuer = "";
  const answers: Readonly<Record<string, (code: string) => object>> = {
    "/.well-known/openid-configuration": () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      id_token_signing_alg_values_supported: ["RS256"],
    }),
    "/keys": () => ({
      keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }],
    }),
    "/token": (code) => {
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, aud: client.id, sub: code, iat: now, exp: now + 600, ...people[code] };
      const signed = [{ alg: "RS256", kid: "1" }, claims].map(encoded).join(".");
      const signature = createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url");
      return { access_token: "opaque", token_type: "Bearer", id_token: `${signed}.${signature}` };
    },
  };
  const plain = await startHttpServer((request, response, body) => {
    const answer = answers[request.url ?? ""];
    const isClient = request.url !== "/token" || request.headers.authorization === `Basic ${basic}`;
    response.writeHead(answer === undefined ? 404 : isClient ? 200 : 401, {
      "content-type": "application/json",
    });
    response.end(JSON.stringify(isClient ? answer?.(new URLSearchParams(body).get("code") ?? "") : {}));
  });
  const front = await startTlsFront(authority.certificate("127.0.0.1"), plain.url);
  issuer = `https://127.0.0.1:${front.port.toString()}`;
  const stop = () => {
    front.close();
    plain.close();
  };
  return { issuer, authorities: authority.folder, stop };
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
