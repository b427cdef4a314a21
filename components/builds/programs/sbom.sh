#!/bin/sh
# Writes an SBOM of an image in SPDX format: the packages in the image and their versions.
#
# IMAGE       the image with its digest
# ARCHITECTURES  the architectures of an index, separated by spaces, with an SBOM for each; unset for a single image
# BUILT       true if this build made the image; false if it existed already, with its SBOM
# INSECURE    true for a registry that speaks plain HTTP
# STATEMENTS  folder for the output: sbom.json, or sbom-ARCHITECTURE.json for each architecture
#
# trivy reads the registry's login from config.json of the folder DOCKER_CONFIG, and downloads into TRIVY_CACHE_DIR.
set -eu

if [ "$BUILT" != true ]; then
  echo "$IMAGE was not built: its SBOM was written by the build that made it"
  exit 0
fi

set --
[ "$INSECURE" != true ] || set -- --insecure

# write_sbom FILE [FLAG...]  Runs trivy with the flags.
write_sbom() {
  file=$STATEMENTS/$1
  shift
  if ! trivy image --format spdx-json --output "$file" --no-progress "$@" "$IMAGE"; then
    echo "cannot write an SBOM of $IMAGE: see trivy's error above" >&2
    exit 1
  fi
}

: "${ARCHITECTURES:=}"
if [ -z "$ARCHITECTURES" ]; then
  write_sbom sbom.json "$@"
else
  # trivy reads one image of an index at a time.
  for architecture in $ARCHITECTURES; do
    write_sbom "sbom-$architecture.json" "$@" --platform "linux/$architecture"
  done
fi
echo "wrote the SBOM of $IMAGE"
