import type { DnsLabel, DnsSubdomain } from "../../names.ts";
import type { SecretString } from "../../settings/secret-values.ts";

/** A Secret with its values by key. */
export interface SecretArgs {
  readonly namespace: DnsLabel;
  readonly name: DnsSubdomain;
  /** The key of the stack file that names or requires it. */
  readonly path: string;
  readonly data: Readonly<Record<string, SecretString | string>>;
  readonly labels?: Readonly<Record<string, string>>;
}
