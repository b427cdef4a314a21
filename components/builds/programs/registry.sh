#!/bin/sh
# Sourced by find.sh, index.sh and tag.sh: the program that asks the registry, and the image of a commit.
#
# IMAGE       the image, without a tag
# COMMIT_TAG  the tag of a commit's image, in which {sha7} stands for the commit's first 7 characters
# INSECURE    true for a registry that speaks plain HTTP
#
# The registry's login is where crane looks for it: in config.json of the folder DOCKER_CONFIG.

# It tries three times by itself.
crane() {
  if [ "$INSECURE" = true ]; then command crane --insecure "$@"; else command crane "$@"; fi
}

# commit_tag COMMIT [TAG]  TAG instead of COMMIT_TAG, for the commit.
commit_tag() {
  printf '%s' "${2:-$COMMIT_TAG}" | sed "s/{sha7}/$(printf '%.7s' "$1")/g"
}

# image_for ARCHITECTURE IMAGE  The digest of the image itself, or of the one for the architecture in an index; fails where the index
# has none.
image_for() {
  crane digest --platform "linux/$1" "$2"
}

# architecture IMAGE  The one that an image says it is for.
architecture() {
  # Those who write it put it before everything in which the word may stand again, such as labels.
  crane config "$1" | tr -d '[:space:]' | sed -n 's/"architecture":"\([a-z0-9]*\)".*/ \1/; s/.* //p'
}

# revision IMAGE  The commit that an image says it is of, or that of an index for linux/amd64; empty where it says none.
revision() {
  # In a text of the file, the quotes would stand behind backslashes.
  crane config "$1" | tr -d '[:space:]' |
    sed -n 's/.*"org\.opencontainers\.image\.revision":"\([0-9a-f]\{40\}\)".*/\1/p'
}
