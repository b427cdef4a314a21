#!/bin/sh
# Checks whether the registry has the commit's image already, so that it need not be built again.
#
# ARCHITECTURE  the architecture of the image if the commit has one for each of several; unset otherwise
# TAGS        the tags to check, in the form of COMMIT_TAG, separated by spaces; COMMIT_TAG if unset
# IMAGE       the image, without a tag
# COMMIT_TAG  the tag that a build gives the commit's image; {sha7} stands for the commit's first 7 characters
# INSECURE    true for a registry that speaks plain HTTP
# REBUILD     true to build in any case
# RESULTS     folder with an output of tip.sh, commit, and for the outputs:
#   digest    the image's digest; empty if the image must be built
#   built     true if the image must be built, else false
set -eu

# shellcheck source=components/builds/programs/registry.sh
. "$(dirname "$0")/registry.sh"

commit=$(cat "$RESULTS/commit")
own_tag=$(commit_tag "$commit")

build() {
  printf true >"$RESULTS/built"
  echo "$1: building it"
  exit 0
}

: "${ARCHITECTURE:=}"
: >"$RESULTS/digest"
# crane would use HTTPS and accept any certificate. The builder would fail, but only when it pushes.
host=${IMAGE%%/*}
if [ "$INSECURE" = true ] && wget -S -O /dev/null "http://$host/v2/" 2>&1 | grep -q ' 400 '; then
  echo "$host speaks HTTPS, and \`registry.insecure\` is for a registry that speaks plain HTTP: remove it, and put the" \
    "authority of the registry's certificate into \`network.ca\`" >&2
  exit 1
fi
[ "$REBUILD" != true ] || build "a rebuild of $IMAGE:$own_tag was requested"

# find_under TAG  Sets `digest` to that of the commit's image, or leaves it empty and sets `why`.
find_under() {
  if ! answer=$(crane digest "$IMAGE:$1" 2>&1); then
    # crane's warnings come before its error, and may contain the same words.
    case ${answer#*Error: } in
      *MANIFEST_UNKNOWN:* | *NAME_UNKNOWN:* | *NOT_FOUND:* | *"status code 404"*)
        why="there is no $IMAGE:$1 yet"
        return
        ;;
      # Some registries answer this for a repository that does not exist yet, or only restrict reads. If a push is not
      # allowed either, it will fail.
      *UNAUTHORIZED:* | *DENIED:* | *TOOMANYREQUESTS:* | *"status code 401"* | *"status code 403"* | *"status code 429"*)
        printf '%s\n' "$answer"
        why="the registry does not report whether $IMAGE:$1 exists"
        return
        ;;
    esac
    printf '%s\n' "$answer" >&2
    echo "cannot query the registry of $IMAGE, and a push would fail too: check that it runs, and its address" >&2
    exit 1
  fi
  found=$(printf '%s\n' "$answer" | tail -n 1)
  if [ -n "$ARCHITECTURE" ]; then
    why="$IMAGE:$1 has no image for $ARCHITECTURE"
    found=$(image_for "$ARCHITECTURE" "$IMAGE@$found") || return 0
    [ "$(architecture "$IMAGE@$found")" = "$ARCHITECTURE" ] || return 0
  fi
  why="$IMAGE:$1 is not labeled with commit $commit"
  [ "$(revision "$IMAGE@$found")" != "$commit" ] || digest=$found
}

digest=
for template in ${TAGS:-$COMMIT_TAG}; do
  tag=$(commit_tag "$commit" "$template")
  find_under "$tag"
  [ -z "$digest" ] || break
done
[ -n "$digest" ] || build "$why"

printf '%s' "$digest" >"$RESULTS/digest"
printf false >"$RESULTS/built"
echo "$IMAGE:$tag is labeled with commit $commit: not building it again"
