/** Debian's registry on loopback, and images in it that crane creates. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { stringify } from "yaml";
import { startInBackground } from "./background-program.ts";
import { freePort } from "./free-port.ts";

export interface LocalRegistry {
  /** Host and port. */
  readonly host: string;
  readonly close: () => void;
}

interface RegistryOptions {
  readonly readOnly?: boolean;
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** File of users and passwords, as `htpasswd` writes it. */
  readonly passwords?: string;
}

/** A login that the file of `writePasswords` accepts. */
export const acceptedLogin = { username: "builder", password: "a-password-of-a-test" };
/** The bcrypt hash of its password. */
const hash = "$2b$05$abcdefghijklmnopqrstuuBZKRRyo/mg1ejnBMNGXWNZS6Q/rHQMa";

/** @returns the file, in the folder */
export function writePasswords(folder: string): string {
  const file = join(folder, "passwords");
  writeFileSync(file, `${acceptedLogin.username}:${hash}\n`);
  return file;
}

/**
 * @param folder of its images, which two registries may share
 * @param readOnly whether it refuses every push
 * @param passwords whose logins it requires; by default none
 * @param tls files of its certificate and key, for 127.0.0.1; by default it speaks plain HTTP
 */
export async function startLocalRegistry(
  folder: string,
  { readOnly = false, tls, passwords }: RegistryOptions = {},
): Promise<LocalRegistry> {
  const host = `127.0.0.1:${(await freePort()).toString()}`;
  const config = {
    version: 0.1,
    log: { level: "error", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, "images") },
      maintenance: { readonly: { enabled: readOnly } },
    },
    ...(passwords === undefined ? {} : { auth: { htpasswd: { realm: "test", path: passwords } } }),
    http: { addr: host, ...(tls === undefined ? {} : { tls }) },
  };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${host}.yml`);
  writeFileSync(file, stringify(config));
  const { stop } = await startInBackground("docker-registry", ["serve", file], {
    answers: async () => {
      const { ok, status } = await fetch(`http://${host}/v2/`);
      return ok || (tls !== undefined && status === 400) || (passwords !== undefined && status === 401);
    },
  });
  return { host, close: stop };
}

/** One that accepts pushes, and a read-only one with the same images. Both end after the tests of the file. */
export async function startLocalRegistries(folder: string): Promise<[LocalRegistry, LocalRegistry]> {
  const start = (options?: RegistryOptions) => startLocalRegistry(join(folder, "registry"), options);
  const both: [LocalRegistry, LocalRegistry] = [await start(), await start({ readOnly: true })];
  after(() => both.forEach((one) => one.close()));
  return both;
}

/**
 * Pushes an empty image.
 *
 * @param platform that it declares; by default none
 * @returns its digest
 */
export function pushImage(
  crane: string,
  reference: string,
  labels: Readonly<Record<string, string>>,
  { platform, oci = false }: { readonly platform?: string; readonly oci?: boolean } = {},
): string {
  const run = (...args: string[]) => execFileSync(crane, args, { encoding: "utf8", stdio: "pipe" }).trim();
  const base = oci ? ["--oci-empty-base"] : [];
  run("append", ...base, "--new_layer", "/dev/null", "--new_tag", reference);
  const flags = Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
  if (platform !== undefined) flags.push("--set-platform", platform);
  run("mutate", reference, "--tag", reference, ...flags);
  return run("digest", reference);
}
