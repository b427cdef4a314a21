/** Tokens as files of a container: from a Secret, or made by the GitHub App. */
import type { Volume, VolumeMount } from "../../kinds/kubernetes.ts";
import type { DnsLabel } from "../../names.ts";
import type { AppTokens, TokenSource } from "../build.ts";

/** What the App is asked for. */
export interface Grant {
  /** As GitHub's API names it, such as `contents:read`; several are separated by commas. */
  readonly permission: `${string}:${"read" | "write"}`;
  /** Without their owner; all of the installation where there are none. */
  readonly repositories: readonly string[];
  /** Set where its container can do nothing without it. */
  readonly isNeeded?: true;
}

/** A token that the App is to make, and where its volume is mounted. */
export interface AskedToken extends AppTokens, Grant {
  readonly volume: string;
  readonly folder: string;
}

/** What a container needs to read a token. */
export interface TokenAccess {
  readonly mounts: readonly VolumeMount[];
  readonly volumes: readonly Volume[];
  /** Empty where a Secret has the token. */
  readonly asked: readonly AskedToken[];
}

/** In memory: no token of an hour is on the disk of a node. */
const memory = { medium: "Memory", sizeLimit: "1Mi" } as const;

/** A token as the file `token` of a folder; nothing where there is none. */
export function tokenFile(
  name: string,
  mountPath: string,
  source: TokenSource | undefined,
  grant: Grant,
): TokenAccess {
  if (source === undefined || typeof source === "string") return secretFile(name, mountPath, source);
  return {
    mounts: [{ name, mountPath, readOnly: true }],
    volumes: [{ name, emptyDir: memory }],
    asked: [{ ...source, ...grant, volume: name, folder: mountPath }],
  };
}

/** The same from a Secret. */
export function secretFile(name: string, mountPath: string, secretName: DnsLabel | undefined): TokenAccess {
  const mounts: VolumeMount[] = secretName === undefined ? [] : [{ name, mountPath, readOnly: true }];
  const items = [{ key: "token", path: "token" }];
  const volumes: Volume[] = secretName === undefined ? [] : [{ name, secret: { secretName, items } }];
  return { mounts, volumes, asked: [] };
}
