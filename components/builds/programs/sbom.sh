#!/bin/sh
# Writes an SBOM of an image, by SPDX: the packages in it and their versions.
#
# IMAGE       the image with its digest
# ARCHITECTURES  those of an index, separated by spaces, whose images have an SBOM each; not set where it is one image
# BUILT       true if this build has made it; false where it was there, with an SBOM of its own
# INSECURE    true for a registry that speaks plain HTTP
# STATEMENTS  folder for the output, sbom.json, or sbom-ARCHITECTURE.json for each
#
# The registry's login is in config.json of the folder DOCKER_CONFIG; trivy keeps what it downloads in TRIVY_CACHE_DIR.
set -eu

if [ "$BUILT" != true ]; then
  echo "$IMAGE was not built: its SBOM was written by the build that has made it"
  exit 0
fi

set --
[ "$INSECURE" != true ] || set -- --insecure

# write_sbom FILE [FLAG...]  Of trivy.
write_sbom() {
  file=$STATEMENTS/$1
  shift
  if ! trivy image --format spdx-json --output "$file" --no-progress "$@" "$IMAGE"; then
    echo "cannot write an SBOM of $IMAGE: trivy says why above" >&2
    exit 1
  fi
}

: "${ARCHITECTURES:=}"
if [ -z "$ARCHITECTURES" ]; then
  write_sbom sbom.json "$@"
else
  # Of an index, trivy takes one image.
  for architecture in $ARCHITECTURES; do
    write_sbom "sbom-$architecture.json" "$@" --platform "linux/$architecture"
  done
fi
echo "wrote the SBOM of $IMAGE"
