#!/bin/sh
# Checks out one commit of a repository, without its history, into the current folder.
#
# REPOSITORY_URL  what to clone
# COMMIT          the full commit; fetched by its name, so that a branch that has moved on, or is gone, does not matter
set -eu

# The folder is the pod's and belongs to root; git is told that it may be trusted, since the user has no settings.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$PWD"

git init --quiet .
git remote add origin "$REPOSITORY_URL"
# Three tries: the network's faults pass, and a commit that is not there is not there the third time either.
try=1
until git fetch --quiet --depth=1 --no-tags origin "$COMMIT"; do
  if [ "$try" -ge 3 ]; then
    echo "cannot fetch $COMMIT from $REPOSITORY_URL: was it removed by a forced push?" >&2
    exit 1
  fi
  sleep "$try"
  try=$((try + 1))
done
git checkout --quiet --detach FETCH_HEAD

head=$(git rev-parse HEAD)
if [ "$head" != "$COMMIT" ]; then
  echo "checked out $head, but $COMMIT was pushed" >&2
  exit 1
fi
echo "checked out $COMMIT of $REPOSITORY_URL"
