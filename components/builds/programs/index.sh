#!/bin/sh
# Puts the images of a commit, one for each architecture, into an index with the commit's tag. An index that contains
# them already is left as it is.
#
# IMAGE       the image, without a tag
# COMMIT_TAG  the tag of a commit's index, in which {sha7} stands for the commit's first 7 characters
# PARTS       for each architecture, separated by spaces: its name, the commit, the image's digest, and true if this
#             build made the image
# INSECURE    true for a registry that speaks plain HTTP
# RESULTS     folder for the outputs:
#   commit    the commit
#   digest    the digest of the index
#   built     true if this build made all of its images, else false
set -eu

# shellcheck source=components/builds/programs/registry.sh
. "$(dirname "$0")/registry.sh"

fail() {
  echo "$1" >&2
  exit 1
}

# check ARCHITECTURE COMMIT DIGEST  Fails unless all images are of one commit, and each is for its architecture: the
# builder may have used a base image that exists for another architecture only.
check() {
  expr "$2 $3" : '[0-9a-f]\{40\} sha256:[0-9a-f]\{64\}$' >/dev/null ||
    fail "the build for $1 ended without an image digest: build it again"
  : "${commit:=$2}"
  [ "$2" = "$commit" ] ||
    fail "the image for $1 is of commit $2, and another is of $commit, since the branch moved on during the build: build it again"
  own=$(image_for "$1" "$IMAGE@$3") ||
    fail "cannot find $IMAGE@$3 in the registry, to which its build pushed it: was it removed? Build it again"
  actual=$(architecture "$IMAGE@$own")
  [ "$actual" = "$1" ] ||
    fail "the image that was built for $1 is for $actual: the Dockerfile needs base images that exist for $1"
}

# has_all DIGEST  Whether it is an index that contains the images. If one of them was found in the index, the build for
# another architecture may have started before the index existed, and its new image is not needed.
has_all() {
  for part in $images; do
    there=$(image_for "${part%%=*}" "$IMAGE@$1" 2>/dev/null) || return 1
    [ "$there" != "$1" ] || return 1
    case ${part#*=} in
      "$there"=*) ;;
      *=true) [ "$built" = false ] || return 1 ;;
      *) return 1 ;;
    esac
  done
}

# make_index  Uses the format of the images: a registry may refuse a Docker image in an OCI index.
make_index() {
  case $(crane manifest "$IMAGE@$first" | tr -d '[:space:]') in
    *'"mediaType":"application/vnd.docker.distribution.manifest.'*) set -- --docker-empty-base "$@" ;;
  esac
  crane index append --tag "$IMAGE:$tag" "$@"
}

commit='' built=true first='' images='' names='' manifests=''
# Every value has been checked: none contains a space or a pattern.
# shellcheck disable=SC2086 # splits on purpose
set -- $PARTS
while [ "$#" -ge 4 ]; do
  check "$1" "$2" "$3"
  : "${first:=$3}"
  images="$images $1=$own=$4"
  names="${names:+$names, }$1"
  manifests="$manifests --manifest=$IMAGE@$3"
  [ "$4" = true ] || built=false
  shift 4
done
tag=$(commit_tag "$commit")

if digest=$(crane digest "$IMAGE:$tag" 2>/dev/null) && has_all "$digest"; then
  echo "$IMAGE:$tag has the images for $names already"
else
  # shellcheck disable=SC2086 # splits on purpose
  made=$(make_index $manifests) ||
    fail "cannot push $IMAGE:$tag: may the registry's login push, and does the registry accept an index of several architectures?"
  digest=${made##*@}
  echo "$IMAGE:$tag has the images for $names: $digest"
fi

printf '%s' "$commit" >"$RESULTS/commit"
printf '%s' "$digest" >"$RESULTS/digest"
printf '%s' "$built" >"$RESULTS/built"
