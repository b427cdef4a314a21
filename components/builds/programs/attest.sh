#!/bin/sh
# Signs an image, its SBOM and its provenance, and checks that all three can be verified. An image that an earlier build
# made is not signed again: that build must have signed it.
#
# IMAGE        the image with its digest
# BUILT        true if this build made the image; false if it existed already
# INSECURE     true for a registry that speaks plain HTTP
# STATEMENTS   folder with provenance.json, a complete in-toto statement, and with sbom.json, an SPDX document, or
#              sbom-*.json for each image of an index
# SIGNING_KEY  folder with the key pair, cosign.key and cosign.pub, with cosign.password, and with the public halves of
#              earlier keys, earlier-*.pub
#
# cosign reads the registry's login from config.json of the folder DOCKER_CONFIG.
set -eu

fail() {
  echo "$1" >&2
  exit 1
}

# at_registry COMMAND...  Runs a cosign command that uses the registry.
at_registry() {
  if [ "$INSECURE" = true ]; then cosign "$@" --allow-http-registry "$IMAGE"; else cosign "$@" "$IMAGE"; fi
}

# with_key COMMAND...  Signs with the key. Nothing is sent to a transparency log, which would publish the names of
# images. With a signing configuration that has no log, cosign would contact Sigstore's servers before it signs.
with_key() {
  "$@" --key "$SIGNING_KEY/cosign.key" --use-signing-config=false --tlog-upload=false
}

# is_signed KEY  Whether this key signed all three: cosign's output has the type of each.
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
  fail "the build ended without an image digest: build it again"

if [ "$BUILT" != true ]; then
  for key in "$SIGNING_KEY"/*.pub; do
    if is_signed "$key"; then
      echo "$IMAGE was not built: the build that made it has signed it"
      exit 0
    fi
  done
  fail "$IMAGE was not built, and no build signed it with a key of builds.signing: build it again with rebuild=true"
fi

COSIGN_PASSWORD=$(cat "$SIGNING_KEY/cosign.password")
export COSIGN_PASSWORD
bundle=$(mktemp)

with_key at_registry sign || fail "cannot sign $IMAGE: does the password match the key, and may the registry's login push?"
for sbom in "$STATEMENTS"/sbom*.json; do
  with_key at_registry attest --type spdxjson --predicate "$sbom"
done
# A complete statement: around a predicate, cosign would write one of an earlier version.
with_key cosign attest-blob --statement "$STATEMENTS/provenance.json" --bundle "$bundle"
at_registry attach attestation --attestation "$bundle"

is_signed "$SIGNING_KEY/cosign.pub" ||
  fail "cannot verify the signatures of $IMAGE: is the first of builds.signing.publicKeys the public half of secrets.signing.key?"
echo "signed $IMAGE, its SBOM and its provenance"
