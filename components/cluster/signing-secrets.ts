/** The key pair that signs images, where builds sign some. */
import { signingSecret } from "../derived-names.ts";
import { keyFile, passwordFile, publicKeyFiles } from "../kinds/signing.ts";
import { namespacesOf } from "../settings/places.ts";
import type { Settings } from "../settings/settings.ts";
import type { SecretArgs } from "./secret-args.ts";

export function signingSecrets(settings: Settings): SecretArgs[] {
  const { builds, projects, secrets } = settings;
  const { signingKey } = secrets;
  if (signingKey === undefined) return [];
  const { publicKeys } = builds.signing;
  const files = publicKeyFiles(publicKeys.length);
  const data = {
    [keyFile]: signingKey.key,
    [passwordFile]: signingKey.password,
    ...Object.fromEntries(files.map((file, index) => [file, publicKeys[index] ?? ""])),
  };
  const signed = projects.flatMap(({ repositories }) => repositories.filter(({ signing }) => signing));
  return namespacesOf(signed, settings).map((namespace) => ({
    namespace,
    name: signingSecret,
    path: "builds.signing",
    data,
  }));
}
