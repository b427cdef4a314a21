import type { RegistryHost } from "../names.ts";
import { dockerHub } from "../derived-names.ts";

export interface Login {
  readonly host: RegistryHost;
  readonly username: string;
  readonly password: string;
  readonly email: string | undefined;
}

/**
 * Docker Hub's keys in a docker configuration, of which none is its name in images: builders and the kubelet look for
 * the first, the Image Updater for the address of the API (its `docs/basics/authentication.md`).
 */
const dockerHubKeys = ["https://index.docker.io/v1/", "https://registry-1.docker.io"];

/** A docker configuration with one login: what `kubectl create secret docker-registry` makes. */
export function dockerConfig({ host, username, password, email }: Login): string {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  const login = { username, password, ...(email === undefined ? {} : { email }), auth };
  const keys = host === dockerHub ? dockerHubKeys : [host];
  return JSON.stringify({ auths: Object.fromEntries(keys.map((key) => [key, login])) });
}
