#!/bin/sh
# Looks whether the registry has the commit's image already, so that it need not be built again.
#
# IMAGE       the image, without a tag
# COMMIT_TAG  the tag of a commit's image, in which {sha7} stands for the commit's first 7 characters
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

: >"$RESULTS/digest"
# Crane would go on by HTTPS, whosever the certificate is; a builder would not, after all of its work.
host=${IMAGE%%/*}
if [ "$INSECURE" = true ] && wget -S -O /dev/null "http://$host/v2/" 2>&1 | grep -q ' 400 '; then
  echo "$host speaks HTTPS, and \`registry.insecure\` is for a registry that speaks plain HTTP: remove it, and put the" \
    "authority of the registry's certificate into \`network.ca\`" >&2
  exit 1
fi
[ "$REBUILD" != true ] || build "$IMAGE:$own_tag is to be built again"

if ! answer=$(crane digest "$IMAGE:$own_tag" 2>&1); then
  # Before its error stand crane's warnings, which hold words of the same kind.
  case ${answer#*Error: } in
    *MANIFEST_UNKNOWN:* | *NAME_UNKNOWN:* | *NOT_FOUND:* | *"status code 404"*)
      build "there is no $IMAGE:$own_tag yet"
      ;;
    # Some registries say so of a repository that is not there yet, or limit only who reads. The push will tell.
    *UNAUTHORIZED:* | *DENIED:* | *TOOMANYREQUESTS:* | *"status code 401"* | *"status code 403"* | *"status code 429"*)
      printf '%s\n' "$answer"
      build "the registry does not tell whether there is a $IMAGE:$own_tag"
      ;;
  esac
  printf '%s\n' "$answer" >&2
  echo "cannot ask the registry of $IMAGE: nothing could be pushed to it either; check that it runs and its address" >&2
  exit 1
fi
digest=$(printf '%s\n' "$answer" | tail -n 1)

if [ "$(revision "$IMAGE@$digest")" != "$commit" ]; then
  build "$IMAGE:$own_tag does not say that it is of commit $commit"
fi

printf '%s' "$digest" >"$RESULTS/digest"
printf false >"$RESULTS/built"
echo "$IMAGE:$own_tag is of commit $commit: it is not built again"
