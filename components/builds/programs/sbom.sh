#!/bin/sh
# Writes an SBOM of an image, by SPDX: the packages in it and their versions.
#
# IMAGE       the image with its digest
# BUILT       true if this build has made it; false where it was there, with an SBOM of its own
# INSECURE    true for a registry that speaks plain HTTP
# STATEMENTS  folder for the output, sbom.json
#
# The registry's login is in config.json of the folder DOCKER_CONFIG; trivy keeps what it downloads in TRIVY_CACHE_DIR.
set -eu

if [ "$BUILT" != true ]; then
  echo "$IMAGE was not built: its SBOM was written by the build that has made it"
  exit 0
fi

set -- image --format spdx-json --output "$STATEMENTS/sbom.json" --no-progress
[ "$INSECURE" != true ] || set -- "$@" --insecure

if ! trivy "$@" "$IMAGE"; then
  echo "cannot write an SBOM of $IMAGE: trivy says why above" >&2
  exit 1
fi
echo "wrote the SBOM of $IMAGE"
