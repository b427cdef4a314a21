/** The container that makes tokens with the GitHub App. It alone in its pod has the App's key. */
import { appSecret } from "../../derived-names.ts";
import type { InitContainer, Volume } from "../../kinds/kubernetes.ts";
import type { Network } from "../../kinds/network.ts";
import { images } from "../images.ts";
import { noAccount } from "./mounts.ts";
import type { AskedToken, TokenAccess } from "./tokens.ts";
import { tool } from "./tool.ts";

interface AppTokensOfPod {
  readonly volumes: readonly Volume[];
  readonly containers: readonly InitContainer[];
}

const key = { volume: "github-app", folder: "/github-app", file: "key" };

/** Makes the tokens before other containers begin; nothing where none of them is the App's. */
export function appTokens(network: Network, accesses: readonly TokenAccess[]): AppTokensOfPod {
  return pod(
    network,
    accesses.flatMap(({ asked }) => asked),
    "",
  );
}

/** Seconds after which a token is made anew: it lasts an hour. */
const renewal = 1800;

/** Makes it before the main container begins, and anew as long as that one runs. */
export function renewedToken(network: Network, access: TokenAccess): AppTokensOfPod {
  const { volumes, containers } = pod(network, access.asked, renewal.toString());
  // It exists, or is empty, in less than this.
  const probe = {
    exec: { command: ["test", "-f", ...access.asked.map(fileOf)] },
    periodSeconds: 1,
    failureThreshold: 120,
  };
  return {
    volumes,
    containers: containers.map((one) => ({ ...one, restartPolicy: "Always", startupProbe: probe })),
  };
}

/** The parts of a pod that has no other container before its main one, and whose main one asks the API server. */
export function before({ volumes, containers }: AppTokensOfPod) {
  if (containers.length === 0) return { volumes: [], init: {} };
  return { volumes: [noAccount, ...volumes], init: { initContainers: containers } };
}

function pod(network: Network, asked: readonly AskedToken[], renew: string): AppTokensOfPod {
  const [first] = asked;
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
      TOKENS: lines(asked.filter(({ isNeeded }) => isNeeded)),
      REPORT_TOKENS: lines(asked.filter(({ isNeeded }) => !isNeeded)),
      RENEW: renew,
    },
    mounts: [
      { name: key.volume, mountPath: key.folder, readOnly: true },
      ...asked.map(({ volume: name, folder: mountPath }) => ({ name, mountPath })),
    ],
  });
  return {
    volumes: [{ name: key.volume, secret: { secretName: appSecret, items } }],
    containers: [{ name: "token", ...container }],
  };
}

function fileOf({ folder }: AskedToken): string {
  return `${folder}/token`;
}

/** GitHub takes no more names for one token. */
const most = 500;

/** As app-token.ts reads them. */
function lines(asked: readonly AskedToken[]): string {
  return asked
    .map((one) => {
      const { installation, permission, repositories } = one;
      const named = repositories.length > most ? [] : [repositories.join(",")];
      return [fileOf(one), installation, permission, ...named].join(" ").trimEnd();
    })
    .join("\n");
}
