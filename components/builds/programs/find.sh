#!/bin/sh
# Looks whether the registry has the commit's image already, so that it need not be built again.
#
# ARCHITECTURE  the one for which the image is, where the commit has several; else not set
# TAGS        the tags under which it may be, like COMMIT_TAG and separated by spaces; COMMIT_TAG if not set
# IMAGE       the image, without a tag
# COMMIT_TAG  the tag of the image that a build of the commit makes, in which {sha7} stands for the commit's first 7 characters
# INSECURE    true for a registry that speaks plain HTTP
# REBUILD     true to build in any case
# RESULTS     folder with the output of tip.sh, commit, and for the output:
#   digest    the image's digest; empty where it must be built
#   built     true where it must be built, else false
set -eu

# shellcheck source=components/builds/programs/registry.sh
. "$(dirname "$0")/registry.sh"

commit=$(cat "$RESULTS/commit")
own_tag=$(commit_tag "$commit")

build() {
  printf true >"$RESULTS/built"
  echo "$1: it is built"
  exit 0
}

: "${ARCHITECTURE:=}"
: >"$RESULTS/digest"
# Crane would go on by HTTPS, whosever the certificate is; a builder would not, after all of its work.
host=${IMAGE%%/*}
if [ "$INSECURE" = true ] && wget -S -O /dev/null "http://$host/v2/" 2>&1 | grep -q ' 400 '; then
  echo "$host speaks HTTPS, and \`registry.insecure\` is for a registry that speaks plain HTTP: remove it, and put the" \
    "authority of the registry's certificate into \`network.ca\`" >&2
  exit 1
fi
[ "$REBUILD" != true ] || build "$IMAGE:$own_tag is to be built again"

# look_under TAG  Sets `digest` to that of the commit's image, or leaves it empty and says `why`.
look_under() {
  if ! answer=$(crane digest "$IMAGE:$1" 2>&1); then
    # Before its error stand crane's warnings, which hold words of the same kind.
    case ${answer#*Error: } in
      *MANIFEST_UNKNOWN:* | *NAME_UNKNOWN:* | *NOT_FOUND:* | *"status code 404"*)
        why="there is no $IMAGE:$1 yet"
        return
        ;;
      # Some registries say so of a repository that does not exist yet, or limit only who reads. The push will show it.
      *UNAUTHORIZED:* | *DENIED:* | *TOOMANYREQUESTS:* | *"status code 401"* | *"status code 403"* | *"status code 429"*)
        printf '%s\n' "$answer"
        why="the registry does not say whether there is a $IMAGE:$1"
        return
        ;;
    esac
    printf '%s\n' "$answer" >&2
    echo "cannot ask the registry of $IMAGE: nothing could be pushed to it either; check that it runs and its address" >&2
    exit 1
  fi
  found=$(printf '%s\n' "$answer" | tail -n 1)
  if [ -n "$ARCHITECTURE" ]; then
    why="$IMAGE:$1 has no image for $ARCHITECTURE"
    found=$(image_for "$ARCHITECTURE" "$IMAGE@$found") || return 0
    [ "$(architecture "$IMAGE@$found")" = "$ARCHITECTURE" ] || return 0
  fi
  why="$IMAGE:$1 does not say that it is of commit $commit"
  [ "$(revision "$IMAGE@$found")" != "$commit" ] || digest=$found
}

digest=
for template in ${TAGS:-$COMMIT_TAG}; do
  tag=$(commit_tag "$commit" "$template")
  look_under "$tag"
  [ -z "$digest" ] || break
done
[ -n "$digest" ] || build "$why"

printf '%s' "$digest" >"$RESULTS/digest"
printf false >"$RESULTS/built"
echo "$IMAGE:$tag is of commit $commit: it is not built again"
