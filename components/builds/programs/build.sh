#!/bin/sh
# Runs the builder, unless the image is there already.
#
# The arguments are the builder and its own, in which {commit} and {sha7} stand for the commit.
#
# RESULTS   folder with the outputs of tip.sh and find.sh: commit, digest
set -eu
# Of two streams the lines may change places, and what the builder says last is what the author is told.
exec 2>&1

if [ -s "$RESULTS/digest" ]; then
  echo "the image is there: nothing to build"
  exit 0
fi

commit=$(cat "$RESULTS/commit")
for argument; do
  case $argument in
    *'{commit}'* | *'{sha7}'*)
      argument=$(printf '%s' "$argument" | sed "s/{commit}/$commit/g; s/{sha7}/$(printf '%.7s' "$commit")/g")
      ;;
  esac
  set -- "$@" "$argument"
  shift
done
exec "$@"
