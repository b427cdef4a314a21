/** How the tools of a build's steps find the proxy and the private certificate authorities. */
import { authorities, proxyVariables } from "../../kinds/network.ts";
import type { Network } from "../../kinds/network.ts";
import { authorityFolder } from "../builders/builder.ts";

const file = `${authorityFolder}/${authorities.key}`;

/** For Node, which uses the proxy only with NODE_USE_ENV_PROXY. It reads additional authorities from a file. */
export function nodeNetwork(network: Network): Readonly<Record<string, string>> {
  return {
    ...proxyVariables(network),
    ...(network.proxy === undefined ? {} : { NODE_USE_ENV_PROXY: "1" }),
    ...(network.ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: file }),
  };
}

/** CA_FILE is for git-access.sh, SSL_CERT_DIR for crane and Trivy: Go reads it in addition to the image's own file. */
export function shellNetwork(network: Network): Readonly<Record<string, string>> {
  return {
    ...proxyVariables(network),
    ...(network.ca === undefined ? {} : { CA_FILE: file, SSL_CERT_DIR: authorityFolder }),
  };
}
