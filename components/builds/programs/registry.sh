#!/bin/sh
# Sourced by find.sh, index.sh and tag.sh: functions that query the registry, and the tag of a commit's image.
#
# IMAGE       the image, without a tag
# COMMIT_TAG  the tag of a commit's image; {sha7} stands for the commit's first 7 characters
# INSECURE    true for a registry that speaks plain HTTP
#
# crane reads the registry's login from config.json of the folder DOCKER_CONFIG.

# crane makes three attempts by itself.
crane() {
  if [ "$INSECURE" = true ]; then command crane --insecure "$@"; else command crane "$@"; fi
}

# commit_tag COMMIT [TAG]  Prints COMMIT_TAG, or TAG instead, with the commit filled in.
commit_tag() {
  printf '%s' "${2:-$COMMIT_TAG}" | sed "s/{sha7}/$(printf '%.7s' "$1")/g"
}

# image_for ARCHITECTURE IMAGE  Prints the digest of the image, or of the image for the architecture in an index; fails
# if the index has none.
image_for() {
  crane digest --platform "linux/$1" "$2"
}

# architecture IMAGE  Prints the architecture that the image's configuration states.
architecture() {
  # Builders write it before everything that may contain the word again, such as labels.
  crane config "$1" | tr -d '[:space:]' | sed -n 's/"architecture":"\([a-z0-9]*\)".*/ \1/; s/.* //p'
}

# revision IMAGE  Prints the commit with which an image is labeled, or in an index the image for linux/amd64, if any.
revision() {
  # Within a string of the configuration, the quotes would be escaped.
  crane config "$1" | tr -d '[:space:]' |
    sed -n 's/.*"org\.opencontainers\.image\.revision":"\([0-9a-f]\{40\}\)".*/\1/p'
}
