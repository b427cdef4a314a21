import type { SettingError } from "./errors.ts";

/** The error of an encrypted value outside of `secrets`: the engine passes it to the program as plain text. */
export function encryptedError(path: string): SettingError {
  return {
    path,
    rule: "only values of `secrets` may be encrypted; this one would be in plain text in the declared resources",
    fix: "write it in plain text or, if it must stay secret, use a key that refers to one of `secrets`",
  };
}
