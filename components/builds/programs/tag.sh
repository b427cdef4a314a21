#!/bin/sh
# Gives the commit's image its other tags: the tags that follow the branch, or that of the Git tag. It never takes
# them from a later commit, whichever build ends last.
#
# IMAGE        the image, without a tag
# COMMIT_TAG   the tag of a commit's image; {sha7} stands for the commit's first 7 characters
# MOVING_TAGS  the tags that follow the branch, separated by spaces; may be empty
# GIT_TAG      the Git tag that is built; empty if none is
# OTHER_BRANCHES  true if images of other branches have tags of their own; unset otherwise
# DIGEST       the digest of the image that was built and scanned: its tag may have moved since then
# INSECURE     true for a registry that speaks plain HTTP
# RESULTS      folder with the outputs of tip.sh, which must have run just before, and for the outputs:
#   digest     the same as DIGEST
#   summary    the result as text for a commit status
#   moved      true if the tags that follow the branch are at this image now
set -eu

# shellcheck source=components/builds/programs/registry.sh
. "$(dirname "$0")/registry.sh"

own_tag=$(commit_tag "$(cat "$RESULTS/commit")")

set_tag() {
  if ! crane tag -- "$IMAGE@$DIGEST" "$1" || [ "$(crane digest "$IMAGE:$1")" != "$DIGEST" ]; then
    echo "cannot set the tag $1 of $IMAGE to $DIGEST: may the registry's login push, and may tags be moved?" >&2
    exit 1
  fi
  echo "$IMAGE:$1 is $DIGEST"
}

is_later() {
  [ -n "$1" ] && grep -qx "$1" "$RESULTS/later"
}

case $GIT_TAG in
  *[!A-Za-z0-9._-]* | [.-]*)
    echo "the git tag $GIT_TAG cannot be an image's tag: use letters, digits and _, and after the first character also . and -" >&2
    exit 1
    ;;
esac
# In a registry without the referrers API, signatures are found by a tag with the image's digest.
case $GIT_TAG in
  sha256-*)
    echo "the git tag $GIT_TAG has the name of an image's signatures: give it another name" >&2
    exit 1
    ;;
esac
if expr "$GIT_TAG" : 'pull-[0-9]*-[0-9a-f]\{7\}$' >/dev/null; then
  echo "the git tag $GIT_TAG has the name of a pull request's image: give it another name" >&2
  exit 1
fi
# A pinned service runs the image under that tag, whichever it is.
form=$(printf '%s' "$COMMIT_TAG" | sed 's/[.]/[.]/g; s/{sha7}/[0-9a-f]\\{7\\}/g')
if printf '%s\n' "$GIT_TAG" | grep -qx -e "$form" -e "$form-amd64" -e "$form-arm64"; then
  echo "the git tag $GIT_TAG has the name of a commit's image: give it another name" >&2
  exit 1
fi
if [ "${OTHER_BRANCHES:-}" = true ] && expr "$GIT_TAG" : 'branch-.*-[0-9a-f]\{7\}$' >/dev/null; then
  echo "the git tag $GIT_TAG has the name of another branch's image: give it another name" >&2
  exit 1
fi
case " $MOVING_TAGS " in
  *" ${GIT_TAG:-none of them} "*)
    echo "the git tag $GIT_TAG has the name of a tag that follows the branch: give it another name" >&2
    exit 1
    ;;
esac
if ! expr "$DIGEST" : 'sha256:[0-9a-f]\{64\}$' >/dev/null; then
  echo "the build of $IMAGE:$own_tag ended without an image digest: build it again" >&2
  exit 1
fi
if ! crane digest "$IMAGE@$DIGEST" >/dev/null; then
  echo "cannot find $IMAGE@$DIGEST in the registry, to which its build pushed it: was it removed? Build it again" >&2
  exit 1
fi

# The commit may have the tags if it is the newest, or if no later commit has them: the builds of later pushes may have
# failed, or there were none.
first=${MOVING_TAGS%% *}
if [ "$(cat "$RESULTS/newest")" = true ]; then
  may=true
elif [ -z "$GIT_TAG" ] && [ -s "$RESULTS/later" ] && [ -n "$first" ] && ! is_later "$(revision "$IMAGE:$first" 2>/dev/null)"; then
  may=true
else
  may=false
fi

names=
for tag in ${GIT_TAG:-$MOVING_TAGS}; do
  [ "$may" != true ] || set_tag "$tag"
  names="${names:+$names, }$tag"
done

stay() {
  case $names in
    *", "*) echo "$names stay where they are" ;;
    *) echo "$names stays where it is" ;;
  esac
}

if [ -z "$names" ]; then
  summary="$own_tag is in the registry"
elif [ -n "$GIT_TAG" ]; then
  [ "$may" = true ] && summary="set $GIT_TAG" || summary="$GIT_TAG is not set: the git tag has moved on"
else
  [ "$may" = true ] && summary="moved $names" || summary="$(stay): the branch has moved on"
fi

printf '%s' "$DIGEST" >"$RESULTS/digest"
printf '%s' "$summary" >"$RESULTS/summary"
if [ "$may" = true ] && [ -z "$GIT_TAG" ]; then printf true; else printf false; fi >"$RESULTS/moved"
echo "$summary"
