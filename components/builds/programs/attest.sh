#!/bin/sh
# Signs an image, its SBOM and its provenance, and checks that all three can be verified. An image that the build has not made is
# not signed again: it must be signed already, by the build that has made it.
#
# IMAGE        the image with its digest
# BUILT        true if this build has made it; false where it was there
# INSECURE     true for a registry that speaks plain HTTP
# STATEMENTS   folder with sbom.json, a document of SPDX, or sbom-*.json for each image of an index, and with provenance.json, a whole
#              statement of in-toto
# SIGNING_KEY  folder with the key pair, cosign.key and cosign.pub, with cosign.password, and with the public halves of earlier
#              keys, earlier-*.pub
#
# The registry's login is where cosign looks for it: in config.json of the folder DOCKER_CONFIG.
set -eu

fail() {
  echo "$1" >&2
  exit 1
}

# at_registry COMMAND...  Of cosign, that asks the registry.
at_registry() {
  if [ "$INSECURE" = true ]; then cosign "$@" --allow-http-registry "$IMAGE"; else cosign "$@" "$IMAGE"; fi
}

# with_key COMMAND...  Nothing is sent to a transparency log, which would publish the names of images. With a signing
# configuration that names none, cosign would ask Sigstore's servers before it signs.
with_key() {
  "$@" --key "$SIGNING_KEY/cosign.key" --use-signing-config=false --tlog-upload=false
}

# is_signed KEY  Whether this key has signed all three. Where each is, cosign says by its type.
is_signed() {
  found=$(at_registry verify --key "$1" --insecure-ignore-tlog --output json) || return 1
  for type in https://sigstore.dev/cosign/sign/v1 https://spdx.dev/Document https://slsa.dev/provenance/v1; do
    case $found in
      *"\"type\":\"$type\""*) ;;
      *) return 1 ;;
    esac
  done
}

expr "$IMAGE" : '.*@sha256:[0-9a-f]\{64\}$' >/dev/null ||
  fail "the build has ended without the digest of an image: build it again"

if [ "$BUILT" != true ]; then
  for key in "$SIGNING_KEY"/*.pub; do
    if is_signed "$key"; then
      echo "$IMAGE was not built, and is signed by the build that has made it"
      exit 0
    fi
  done
  fail "$IMAGE was not built, and no build has signed it with a key of builds.signing: build it again, with rebuild=true"
fi

COSIGN_PASSWORD=$(cat "$SIGNING_KEY/cosign.password")
export COSIGN_PASSWORD
bundle=$(mktemp)

with_key at_registry sign || fail "cannot sign $IMAGE: is the password that of the key, and may the registry's login push?"
for sbom in "$STATEMENTS"/sbom*.json; do
  with_key at_registry attest --type spdxjson --predicate "$sbom"
done
# A whole statement, where cosign would write one of an earlier version around a predicate.
with_key cosign attest-blob --statement "$STATEMENTS/provenance.json" --bundle "$bundle"
at_registry attach attestation --attestation "$bundle"

is_signed "$SIGNING_KEY/cosign.pub" ||
  fail "cannot verify what was signed of $IMAGE: is the first of builds.signing.publicKeys that of secrets.signing.key?"
echo "signed $IMAGE, its SBOM and its provenance"
