/** How a builder finds the proxy and the private certificate authorities, and what it passes to the Dockerfile. */
import type { EnvironmentVariable } from "../../kinds/kubernetes.ts";
import type { Network } from "../../kinds/network.ts";
import { environmentOf, proxyVariables } from "../../kinds/network.ts";
import { authorityFolder } from "./builder.ts";

/**
 * @param ownCertificates folder with the public authorities of the builder's image, if Go does not find it by itself.
 *   SSL_CERT_DIR replaces Go's default folders, but not its default files.
 */
export function networkEnvironment(network: Network, ownCertificates?: string): EnvironmentVariable[] {
  const folders = [...(ownCertificates === undefined ? [] : [ownCertificates]), authorityFolder];
  return environmentOf({
    ...proxyVariables(network),
    ...(network.ca === undefined ? {} : { SSL_CERT_DIR: folders.join(":") }),
  });
}

/**
 * The names of the build arguments through which RUN finds the proxy. Docker predefines them: a Dockerfile does not
 * declare them, and they stay out of the image and its history.
 */
export function proxyArguments(network: Network): string[] {
  return Object.keys(proxyVariables(network));
}
