/** The key pair that signs images, in the namespaces of the builds that sign. */
import { signingSecret } from "../../derived-names.ts";
import { keyFile, passwordFile, publicKeyFile } from "../../kinds/signing.ts";
import { namespacesOf } from "../../settings/places.ts";
import type { Settings } from "../../settings/settings.ts";
import type { SecretArgs } from "./secret-args.ts";

export function signingSecrets(settings: Settings): SecretArgs[] {
  const { builds, projects, secrets } = settings;
  const { signingKey } = secrets;
  if (signingKey === undefined) return [];
  const { publicKeys } = builds.signing;
  const data = {
    [keyFile]: signingKey.key,
    [passwordFile]: signingKey.password,
    ...Object.fromEntries(publicKeys.map((key, index) => [publicKeyFile(index), key])),
  };
  const signed = projects.flatMap(({ repositories }) => repositories.filter(({ signing }) => signing));
  return namespacesOf(signed, settings).map((namespace) => ({
    namespace,
    name: signingSecret,
    path: "builds.signing",
    data,
  }));
}
