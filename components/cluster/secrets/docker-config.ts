import type { RegistryHost } from "../../names.ts";
import { dockerHub } from "../../derived-names.ts";

export interface Login {
  readonly host: RegistryHost;
  readonly username: string;
  readonly password: string;
  readonly email: string | undefined;
}

/**
 * Docker Hub's keys in a Docker configuration. Neither is its name in images: builders and the kubelet look up the
 * first, the Image Updater the address of the API (its `docs/basics/authentication.md`).
 */
const dockerHubKeys = ["https://index.docker.io/v1/", "https://registry-1.docker.io"];

/** A Docker configuration with every login, in the form of `kubectl create secret docker-registry`. */
export function dockerConfig(logins: readonly Login[]): string {
  return JSON.stringify({ auths: Object.fromEntries(logins.flatMap(entriesOf)) });
}

function entriesOf({ host, username, password, email }: Login): [string, object][] {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  const login = { username, password, ...(email === undefined ? {} : { email }), auth };
  const keys = host === dockerHub ? dockerHubKeys : [host];
  return keys.map((key) => [key, login]);
}
