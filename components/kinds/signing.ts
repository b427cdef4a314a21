/** The files of the Secret with the key pair that signs images. */

/** The private half, and what it is encrypted with. */
export const keyFile = "cosign.key";
export const passwordFile = "cosign.password";

/** The public half, and after it those of earlier keys. */
export function publicKeyFile(index: number): string {
  return index === 0 ? "cosign.pub" : `earlier-${index.toString()}.pub`;
}
