#!/bin/sh
# Checks out one commit of a repository, without its history, into the current folder.
#
# REPOSITORY_URL  what to clone
# TOKEN_FILE      file with a token that may read it; empty or not set where it is public
# RESULTS         folder with the output of tip.sh:
#   commit        the full commit; fetched by its name, so that a branch that has moved on, or is gone, does not matter
# DOCKERFILE      must be in the commit; not looked for if not set
# SUBMODULES      true to check out the submodules too, and theirs
set -eu

# shellcheck source=components/builds/programs/git-access.sh
. "$(dirname "$0")/git-access.sh"

COMMIT=$(cat "$RESULTS/commit")

git init --quiet .
git remote add origin "$REPOSITORY_URL"
if ! retry git fetch --quiet --depth=1 --no-tags -- origin "$COMMIT"; then
  echo "cannot fetch $COMMIT from $REPOSITORY_URL: if git says \"not our ref\", a forced push has removed it;" \
    "otherwise check the address, the token and the network" >&2
  exit 1
fi
git checkout --quiet --detach FETCH_HEAD

head=$(git rev-parse HEAD)
if [ "$head" != "$COMMIT" ]; then
  echo "checked out $head, but $COMMIT was asked for: give the full commit" >&2
  exit 1
fi

if [ "${SUBMODULES:-false}" = true ] && ! retry git submodule --quiet update --init --recursive --depth=1; then
  echo "cannot fetch the submodules of $COMMIT: each needs an https:// address in .gitmodules that is public," \
    "or on the server of $REPOSITORY_URL and open to the same token" >&2
  exit 1
fi
if [ -n "${DOCKERFILE:-}" ] && ! [ -f "$DOCKERFILE" ]; then
  echo "there is no $DOCKERFILE in $COMMIT: add it, or name another by \`dockerfile\` and \`context\` in the stack file" >&2
  exit 1
fi
echo "checked out $COMMIT of $REPOSITORY_URL"
