/** How the tools of a build's steps find the proxy and the private authorities. */
import { authorities, proxyVariables } from "../../kinds/network.ts";
import type { Network } from "../../kinds/network.ts";
import { authorityFolder } from "../builders/builder.ts";

const file = `${authorityFolder}/${authorities.key}`;

/** Of Node, which knows the proxy only where it is asked to. Beside the authorities that it knows it takes those of a file. */
export function nodeNetwork(network: Network): Readonly<Record<string, string>> {
  return {
    ...proxyVariables(network),
    ...(network.proxy === undefined ? {} : { NODE_USE_ENV_PROXY: "1" }),
    ...(network.ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: file }),
  };
}

/** Of git by CA_FILE, which git-access.sh reads; of crane and Trivy by the folder that Go reads beside the image's own file. */
export function shellNetwork(network: Network): Readonly<Record<string, string>> {
  return {
    ...proxyVariables(network),
    ...(network.ca === undefined ? {} : { CA_FILE: file, SSL_CERT_DIR: authorityFolder }),
  };
}
