/** Rules for signatures. */
import type { SettingError } from "./errors.ts";
import type { Readable } from "./readable.ts";
import { repositoriesOf } from "./readable.ts";

/** Whether a build signs its image: the repository's setting, or else the stack's. */
export function isSigned(
  { signing }: { readonly signing?: boolean | undefined },
  builds: { readonly signing: { readonly enabled: boolean } },
): boolean {
  return signing ?? builds.signing.enabled;
}

/** Whether the image of any repository is signed. */
export function signsImages(config: Readable): boolean {
  const { builds } = config.stack;
  return (
    builds !== undefined && repositoriesOf(config).some(({ repository }) => isSigned(repository, builds))
  );
}

/** Each build verifies its own signature with the public key. */
export function uncheckedSignatures(config: Readable): SettingError[] {
  const { builds } = config.stack;
  if (builds === undefined || builds.signing.publicKeys.length > 0 || !signsImages(config)) return [];
  return [
    {
      path: "builds.signing.publicKeys",
      rule: "signatures are checked with the public half of the key that makes them",
      fix: "add the contents of cosign.pub, which `cosign generate-key-pair` writes beside cosign.key",
    },
  ];
}

export function needlessAdmission(config: Readable): SettingError[] {
  const { builds } = config.stack;
  if (builds === undefined || builds.signing.admission === "off" || signsImages(config)) return [];
  return [
    {
      path: "builds.signing.admission",
      value: builds.signing.admission,
      rule: "there is nothing to verify if no image is signed",
      fix: "set builds.signing.enabled or a repository's signing to true, or remove the key",
    },
  ];
}
