/** The container that creates tokens with the GitHub App. It is the only one in its pod with the App's private key. */
import { appSecret } from "../../derived-names.ts";
import type { InitContainer, Volume } from "../../kinds/kubernetes.ts";
import type { Network } from "../../kinds/network.ts";
import { images } from "../images.ts";
import { noAccount } from "./mounts.ts";
import type { RequestedToken, TokenAccess } from "./tokens.ts";
import { tool } from "./tool.ts";

interface AppTokensOfPod {
  readonly volumes: readonly Volume[];
  readonly containers: readonly InitContainer[];
}

const key = { volume: "github-app", folder: "/github-app", file: "key" };

/** Creates the tokens before other containers start; empty if none of them is from the App. */
export function appTokens(network: Network, accesses: readonly TokenAccess[]): AppTokensOfPod {
  return pod(
    network,
    accesses.flatMap(({ requested }) => requested),
    "",
  );
}

/** In seconds: when a token is renewed. It is valid for an hour. */
const renewal = 1800;

/** Creates the token before the main container starts, and renews it while that container runs. */
export function renewedToken(network: Network, access: TokenAccess): AppTokensOfPod {
  const { volumes, containers } = pod(network, access.requested, renewal.toString());
  // By then the program has written the token, or an empty file.
  const probe = {
    exec: { command: ["test", "-f", ...access.requested.map(fileOf)] },
    periodSeconds: 1,
    failureThreshold: 120,
  };
  return {
    volumes,
    containers: containers.map((one) => ({ ...one, restartPolicy: "Always", startupProbe: probe })),
  };
}

/** The parts of a pod with no other init container, whose main container uses the API server. */
export function before({ volumes, containers }: AppTokensOfPod) {
  if (containers.length === 0) return { volumes: [], init: {} };
  return { volumes: [noAccount, ...volumes], init: { initContainers: containers } };
}

function pod(network: Network, requested: readonly RequestedToken[], renew: string): AppTokensOfPod {
  const [first] = requested;
  if (first === undefined) return { volumes: [], containers: [] };
  const items = [{ key: key.file, path: key.file }];
  const container = tool({
    image: images.node,
    network,
    scripts: ["app-token.ts"],
    env: {
      APP_ID: first.app.toString(),
      APP_KEY_FILE: `${key.folder}/${key.file}`,
      GITHUB_API: first.api,
      TOKENS: lines(requested.filter(({ isNeeded }) => isNeeded)),
      REPORT_TOKENS: lines(requested.filter(({ isNeeded }) => !isNeeded)),
      RENEW: renew,
    },
    mounts: [
      { name: key.volume, mountPath: key.folder, readOnly: true },
      ...requested.map(({ volume: name, folder: mountPath }) => ({ name, mountPath })),
    ],
  });
  return {
    volumes: [{ name: key.volume, secret: { secretName: appSecret, items } }],
    containers: [{ name: "token", ...container }],
  };
}

function fileOf({ folder }: RequestedToken): string {
  return `${folder}/token`;
}

/** GitHub's limit of repositories for one token. */
const maxRepositories = 500;

/** The requested tokens in the format that app-token.ts reads. */
function lines(requested: readonly RequestedToken[]): string {
  return requested
    .map((one) => {
      const { installation, permission, repositories } = one;
      const named = repositories.length > maxRepositories ? [] : [repositories.join(",")];
      return [fileOf(one), installation, permission, ...named].join(" ").trimEnd();
    })
    .join("\n");
}
