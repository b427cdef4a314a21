/** The files of the Secret with the key pair that signs images. */

/** The private key, and the password that it is encrypted with. */
export const keyFile = "cosign.key";
export const passwordFile = "cosign.password";

/** The public key, followed by those of earlier key pairs. */
export function publicKeyFile(index: number): string {
  return index === 0 ? "cosign.pub" : `earlier-${index.toString()}.pub`;
}
