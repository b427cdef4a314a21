import type { RegistryHost } from "../names.ts";
import { dockerHub } from "../names.ts";

export interface Login {
  readonly host: RegistryHost;
  readonly username: string;
  readonly password: string;
  readonly email: string | undefined;
}

/** Docker Hub's key in a docker configuration, which is not its host. */
const dockerHubKey = "https://index.docker.io/v1/";

/** A docker configuration with one login: what `kubectl create secret docker-registry` makes. */
export function dockerConfig({ host, username, password, email }: Login): string {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  const login = { username, password, ...(email === undefined ? {} : { email }), auth };
  return JSON.stringify({ auths: { [host === dockerHub ? dockerHubKey : host]: login } });
}
