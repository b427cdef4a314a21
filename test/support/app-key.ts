/** A key of a GitHub App, generated for each run. */
import { generateKeyPairSync } from "node:crypto";

export const { privateKey: appKey, publicKey: appPublicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  // As GitHub generates them.
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
