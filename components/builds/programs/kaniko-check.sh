#!/bin/sh
# Checks a Dockerfile in the current folder, and refuses what Kaniko would silently build differently from Docker:
# Kaniko ignores what it does not support, or only logs a warning.
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
# LC_ALL=C reads bytes, in any encoding. Without `./`, awk would take a path with `=` for an assignment.
LC_ALL=C awk -v machine="$(uname -m)" -v dockerfile="$DOCKERFILE" -f "$scripts/dockerfile.awk" \
  -f "$scripts/dockerignore.awk" -f "$scripts/kaniko-check.awk" -f "$scripts/kaniko-check-run.awk" \
  -f "$scripts/kaniko-check-files.awk" \
  "$links" "$ignore" "./$DOCKERFILE" || status=$?
rm "$links"
exit "$status"
