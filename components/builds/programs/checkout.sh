#!/bin/sh
# Checks out one commit of a repository, without its history, into the current folder.
#
# REPOSITORY_URL  what to clone
# TOKEN_FILE      file with a token that may read it; empty or unset if it is public
# RESULTS         folder with the output of tip.sh:
#   commit        the full commit; fetched by its hash, so it does not matter if the branch has moved on or is gone
# DOCKERFILE      file that must be in the commit; not checked if unset
# CONTEXT         build context, a folder that must be in the commit; the repository's root if unset
# SUBMODULES      true to check out the submodules too, recursively
# LFS             true to fetch the context's Git LFS files; false to leave their pointers; empty or unset to fail if
#                 there are pointers, which nobody means to have in an image
set -eu

# shellcheck source=components/builds/programs/git-access.sh
. "$(dirname "$0")/git-access.sh"

COMMIT=$(cat "$RESULTS/commit")

# Makes git use HTTPS for the repository's own server, for which it has the token. It has no SSH key.
use_https() {
  server=$(printf '%s' "$REPOSITORY_URL" | cut -d / -f 1-3)
  host=${server#*://}
  host=${host%%:*}
  for other in "git@$host:" "git@$host:/" "ssh://git@$host/" "ssh://git@$host:22/" "ssh://$host/" "git://$host/"; do
    git_setting "url.$server/.insteadOf" "$other"
  done
}

# Fetches the LFS files of the context, and all those of the submodules, which may be in the context.
fetch_lfs() {
  # Git LFS replaces pointers only if its filters are configured. The image configures them for another user.
  git_setting filter.lfs.clean "git-lfs clean -- %f"
  git_setting filter.lfs.smudge "git-lfs smudge -- %f"
  git_setting filter.lfs.process "git-lfs filter-process"
  unset GIT_LFS_SKIP_SMUDGE
  retry git lfs pull --include="$context" || return 1
  [ "${SUBMODULES:-false}" != true ] || retry git submodule --quiet foreach --recursive "git lfs pull"
}

# Lists the pointers in the context, among the files that an attribute assigns to Git LFS.
list_pointers() {
  export POINTER='^version https://git-lfs\.github\.com/spec/v1$'
  # Exit code 1 means that there are none.
  git grep -l -e "$POINTER" -- ":(attr:filter=lfs)$context" || [ $? -eq 1 ] || return 1
  [ "${SUBMODULES:-false}" = true ] || return 0
  # shellcheck disable=SC2016 # git's own shell expands it
  git submodule --quiet foreach --recursive '
    git grep -l -e "$POINTER" -- ":(attr:filter=lfs)" | while read -r file; do echo "$displaypath/$file"; done
  ' | IN="$context${context:+/}" awk 'substr($0, 1, length(ENVIRON["IN"])) == ENVIRON["IN"]'
}

git init --quiet .
git remote add origin "$REPOSITORY_URL"
if ! retry git fetch --quiet --depth=1 --no-tags -- origin "$COMMIT"; then
  echo "cannot fetch $COMMIT from $REPOSITORY_URL: if git says \"not our ref\", a forced push has removed it;" \
    "otherwise check the address, the token and the network" >&2
  exit 1
fi
# LFS files are fetched later, and only if they are wanted.
export GIT_LFS_SKIP_SMUDGE=1
git checkout --quiet --detach FETCH_HEAD

head=$(git rev-parse HEAD)
if [ "$head" != "$COMMIT" ]; then
  echo "checked out $head, but $COMMIT was requested: give the full commit" >&2
  exit 1
fi

if [ "${SUBMODULES:-false}" = true ]; then
  use_https
  if ! retry git submodule --quiet update --init --recursive --depth=1; then
    echo "cannot fetch the submodules of $COMMIT: each needs an https:// address in .gitmodules that is public," \
      "or any address on the server of $REPOSITORY_URL that the same token can read" >&2
    exit 1
  fi
fi
if [ -n "${DOCKERFILE:-}" ] && ! [ -f "$DOCKERFILE" ]; then
  echo "there is no $DOCKERFILE in $COMMIT: add it, or set \`dockerfile\` and \`context\` in the stack file" >&2
  exit 1
fi
if ! context=$(cd "./${CONTEXT:-.}" 2>/dev/null && pwd -P); then
  echo "there is no folder $CONTEXT in $COMMIT: add it, or set another \`context\` in the stack file" >&2
  exit 1
fi
case $context/ in
  "$(pwd -P)"/*) ;;
  *)
    echo "the folder $CONTEXT of $COMMIT is a link that leads out of the repository: set another \`context\`" >&2
    exit 1
    ;;
esac
context=${context#"$(pwd -P)"}
context=${context#/}

if [ "${LFS:-}" = true ] && ! fetch_lfs; then
  echo "cannot fetch the Git LFS files of $COMMIT: are they on the server of $REPOSITORY_URL, may the token read them," \
    "and is the quota of its owner used up?" >&2
  exit 1
fi
if [ "${LFS:-}" != false ]; then
  pointers=$(list_pointers)
  if [ -n "$pointers" ]; then
    echo "$(printf '%s\n' "$pointers" | head -n 1) is a Git LFS pointer in $COMMIT: set \`lfs: true\` in the stack file to" \
      "build with the file, or \`lfs: false\` to build with the pointer" >&2
    exit 1
  fi
fi
echo "checked out $COMMIT of $REPOSITORY_URL"
