/** Tokens as files of a container: from a Secret, or made by the GitHub App. */
import type { Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import type { DnsLabel } from "../../names.ts";
import type { AppTokens, TokenSource } from "../../settings/secret-values.ts";

/** The permission that is requested of the App. */
export interface TokenPermission {
  /** As GitHub's API names it, such as `contents:read`; several are separated by commas. */
  readonly permission: `${string}:${"read" | "write"}`;
  /** Names without the owner. If empty, all repositories of the installation. */
  readonly repositories: readonly string[];
  /** Set if its container cannot work without the token. */
  readonly isNeeded?: true;
}

/** A token to create with the App, and where its volume is mounted. */
export interface RequestedToken extends AppTokens, TokenPermission {
  readonly volume: string;
  readonly folder: string;
}

/** What a container needs to read a token. */
export interface TokenAccess {
  readonly mounts: readonly VolumeMount[];
  readonly volumes: readonly Volume[];
  /** The tokens to create with the App; empty if the token is in a Secret. */
  readonly requested: readonly RequestedToken[];
}

/** In memory, so that no token is on the disk of a node. */
const memory = { medium: "Memory", sizeLimit: "1Mi" } as const;

/** Mounts a token as the file `token` of a folder; empty if there is no token. */
export function tokenFile(
  name: string,
  mountPath: string,
  source: TokenSource | undefined,
  grant: TokenPermission,
): TokenAccess {
  if (source === undefined || typeof source === "string") return secretFile(name, mountPath, source);
  return {
    mounts: [{ name, mountPath, readOnly: true }],
    volumes: [{ name, emptyDir: memory }],
    requested: [{ ...source, ...grant, volume: name, folder: mountPath }],
  };
}

/** Mounts a token from a Secret. */
export function secretFile(name: string, mountPath: string, secretName: DnsLabel | undefined): TokenAccess {
  const mounts: VolumeMount[] = secretName === undefined ? [] : [{ name, mountPath, readOnly: true }];
  const items = [{ key: "token", path: "token" }];
  const volumes: Volume[] = secretName === undefined ? [] : [{ name, secret: { secretName, items } }];
  return { mounts, volumes, requested: [] };
}
