#!/bin/sh
# Checks out one commit of a repository, without its history, into the current folder.
#
# REPOSITORY_URL  what to clone
# TOKEN_FILE      file with a token that may read it; empty or not set where it is public
# RESULTS         folder with the output of tip.sh:
#   commit        the full commit; fetched by its name, so that a branch that has moved on, or is gone, does not matter
# DOCKERFILE      must be in the commit; not looked for if not set
# CONTEXT         folder that is built, which must be in the commit; all of it if not set
# SUBMODULES      true to check out the submodules too, and theirs
# LFS             true to fetch the context's files of Git LFS; false to leave their pointers; empty or not set to end with an
#                 error where there are pointers, since an image of them is never meant
set -eu

# shellcheck source=components/builds/programs/git-access.sh
. "$(dirname "$0")/git-access.sh"

COMMIT=$(cat "$RESULTS/commit")

# Makes git use HTTPS for the repository's own server, where it has the token, and no key for SSH.
use_https() {
  server=$(printf '%s' "$REPOSITORY_URL" | cut -d / -f 1-3)
  host=${server#*://}
  host=${host%%:*}
  for other in "git@$host:" "git@$host:/" "ssh://git@$host/" "ssh://git@$host:22/" "ssh://$host/" "git://$host/"; do
    git_setting "url.$server/.insteadOf" "$other"
  done
}

# Fetches the files of the context, and all of the submodules, which may be in it.
fetch_lfs() {
  # Git LFS replaces pointers only where its filters are set up, as they are in the image for another user.
  git_setting filter.lfs.clean "git-lfs clean -- %f"
  git_setting filter.lfs.smudge "git-lfs smudge -- %f"
  git_setting filter.lfs.process "git-lfs filter-process"
  unset GIT_LFS_SKIP_SMUDGE
  retry git lfs pull --include="$context" || return 1
  [ "${SUBMODULES:-false}" != true ] || retry git submodule --quiet foreach --recursive "git lfs pull"
}

# Lists the pointers in the context, of files that an attribute gives to Git LFS.
list_pointers() {
  export POINTER='^version https://git-lfs\.github\.com/spec/v1$'
  # With 1, there is none.
  git grep -l -e "$POINTER" -- ":(attr:filter=lfs)$context" || [ $? -eq 1 ] || return 1
  [ "${SUBMODULES:-false}" = true ] || return 0
  # shellcheck disable=SC2016 # git has it expanded by a shell of its own
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
# Its files are fetched later, and only where they are wanted.
export GIT_LFS_SKIP_SMUDGE=1
git checkout --quiet --detach FETCH_HEAD

head=$(git rev-parse HEAD)
if [ "$head" != "$COMMIT" ]; then
  echo "checked out $head, but $COMMIT was asked for: give the full commit" >&2
  exit 1
fi

if [ "${SUBMODULES:-false}" = true ]; then
  use_https
  if ! retry git submodule --quiet update --init --recursive --depth=1; then
    echo "cannot fetch the submodules of $COMMIT: each needs an https:// address in .gitmodules that is public," \
      "or any address on the server of $REPOSITORY_URL that is open to the same token" >&2
    exit 1
  fi
fi
if [ -n "${DOCKERFILE:-}" ] && ! [ -f "$DOCKERFILE" ]; then
  echo "there is no $DOCKERFILE in $COMMIT: add it, or name another by \`dockerfile\` and \`context\` in the stack file" >&2
  exit 1
fi
if ! context=$(cd "./${CONTEXT:-.}" 2>/dev/null && pwd -P); then
  echo "there is no folder $CONTEXT in $COMMIT: add it, or name another by \`context\` in the stack file" >&2
  exit 1
fi
case $context/ in
  "$(pwd -P)"/*) ;;
  *)
    echo "the folder $CONTEXT of $COMMIT is a link that leads out of the repository: name another by \`context\`" >&2
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
