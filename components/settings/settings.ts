/** The only reader of the stack's configuration: one parse into typed settings, all errors reported at once. */
import * as pulumi from "@pulumi/pulumi";
import { fullKey, ownKeys } from "./config-keys.ts";
import { encryptedError } from "./encrypted.ts";
import type { SettingError } from "./errors.ts";
import { describeErrors } from "./errors.ts";
import type { Parsed } from "./parse.ts";
import type { SecretValues } from "./secret-values.ts";
import { secretValues } from "./secret-values.ts";
import { parseConfig } from "./parse.ts";

export interface Settings extends Omit<Parsed, "secrets"> {
  /** The stack's name. */
  readonly stack: string;
  readonly secrets: SecretValues;
}

/**
 * Reads the stack's configuration.
 * @throws pulumi.RunError with every error
 */
export function readSettings(): Settings {
  const config = rawConfig(pulumi.getProject(), pulumi.runtime.allConfig());
  // Before any other error, which would print the value.
  refuse(encryptedKeys(Object.keys(config)));
  const { settings, errors } = parseConfig(config);
  refuse(errors);
  if (settings === undefined) throw new Error("the configuration has no errors, and no settings");
  return settingsOf(settings, pulumi.getStack());
}

export function settingsOf(parsed: Parsed, stack: string): Settings {
  return { ...parsed, stack, secrets: secretValues(parsed) };
}

/**
 * Ends the program if there are errors.
 * @throws pulumi.RunError with every error: its path, value, rule and fix. The engine shows it without a stack trace.
 */
export function refuse(errors: readonly SettingError[]): void {
  if (errors.length === 0) return;
  const file = `Pulumi.${pulumi.getStack()}.yaml`;
  throw new pulumi.RunError(describeErrors(file, pulumi.getProject(), errors));
}

/** A function of the SDK that its types omit: whether the stack file has an encrypted value at or below the key. */
const { isConfigSecret } = pulumi.runtime as typeof pulumi.runtime & {
  readonly isConfigSecret: (key: string) => boolean;
};

/** The engine passes encrypted values as plain text. A resource would show them in the state and in the cluster. */
function encryptedKeys(keys: readonly string[]): SettingError[] {
  return keys
    .filter((key) => key !== "secrets" && isConfigSecret(fullKey(pulumi.getProject(), key)))
    .map((path) => {
      const { rule, fix } = encryptedError(path);
      return { path, rule, fix: `${fix}; \`npm run preview -- ${pulumi.getStack()}\` lists them` };
    });
}

/** The configuration of this project, without its prefix. The engine passes objects as JSON, and text unchanged. */
function rawConfig(project: string, config: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(ownKeys(project, config)).map(([key, text]) => [
      key,
      /^[{[]/.test(text) ? objectOr(text) : text,
    ]),
  );
}

/** A text may begin like an object. */
function objectOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
