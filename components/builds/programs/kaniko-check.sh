#!/bin/sh
# Looks at the Dockerfile that is checked out into the current folder, and refuses what Kaniko would silently make into
# something else than Docker: Kaniko ignores what it does not know, or only logs a warning.
#
# DOCKERFILE  the file
# CONTEXT     folder of the build context
set -eu

scripts=$(dirname "$0")
links=$(mktemp)
(cd "$CONTEXT" && find . -name .git -prune -o -type l -print) >"$links"
ignore=./$DOCKERFILE.dockerignore
[ -f "$ignore" ] || ignore=./$CONTEXT/.dockerignore
[ -f "$ignore" ] || ignore=/dev/null
status=0
# As bytes, in whatever the file is written. Without `./`, awk would take a path with `=` for a variable.
LC_ALL=C awk -v machine="$(uname -m)" -v dockerfile="$DOCKERFILE" -f "$scripts/dockerfile.awk" \
  -f "$scripts/dockerignore.awk" -f "$scripts/kaniko-check.awk" -f "$scripts/kaniko-check-run.awk" \
  -f "$scripts/kaniko-check-files.awk" \
  "$links" "$ignore" "./$DOCKERFILE" || status=$?
rm "$links"
exit "$status"
