#!/bin/sh
# Sourced by checkout.sh and tip.sh: how git gets at a repository.
#
# REPOSITORY_URL           the repository
# TOKEN_FILE               file with a token that may read it; empty or not set where it is public
# CA_FILE                  file with authorities beside the system's; empty or not set where there are none
# SYSTEM_CA_FILE           file with those of the system; that of the image if not set
# GIT_HTTP_LOW_SPEED_TIME  seconds after which a server that sends nothing is given up; 60 if not set

# Settings of this process and of those that it starts, which stand in no file.
git_setting() {
  count=${GIT_CONFIG_COUNT:-0}
  export "GIT_CONFIG_KEY_$count=$1" "GIT_CONFIG_VALUE_$count=$2" "GIT_CONFIG_COUNT=$((count + 1))"
}

# Three tries: errors of the network pass; what does not exist does not exist at the third try either.
retry() {
  try=1
  until "$@"; do
    [ "$try" -lt 3 ] || return 1
    sleep "$try"
    try=$((try + 1))
  done
}

# The folder is the pod's and belongs to root; git is configured to trust it, since the user has no settings.
git_setting safe.directory "$PWD"

# Nobody is there to answer, and no server may keep a build waiting.
export GIT_TERMINAL_PROMPT=0
export GIT_HTTP_LOW_SPEED_LIMIT=1 GIT_HTTP_LOW_SPEED_TIME="${GIT_HTTP_LOW_SPEED_TIME:-60}"

: "${CA_FILE:=}"
if [ -n "$CA_FILE" ]; then
  # Git takes one file, and no other beside it.
  GIT_SSL_CAINFO=$(mktemp)
  export GIT_SSL_CAINFO
  if ! cat "${SYSTEM_CA_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$CA_FILE" >"$GIT_SSL_CAINFO"; then
    echo "cannot read the authorities of \`network.ca\` from $CA_FILE: is its ConfigMap mounted?" >&2
    exit 1
  fi
fi

if [ -n "${TOKEN_FILE:-}" ]; then
  if ! [ -s "$TOKEN_FILE" ] || ! [ -r "$TOKEN_FILE" ]; then
    echo "cannot read a token from $TOKEN_FILE: is its Secret mounted, and is it filled?" >&2
    exit 1
  fi
  server=$(printf '%s' "$REPOSITORY_URL" | cut -d / -f 1-3)
  # Git asks the helper for the token when the server wants one. It is found by its full path, since git goes into the
  # folders of submodules.
  CREDENTIAL_HELPER=$(cd "$(dirname "$0")" && pwd)/credential.sh
  export CREDENTIAL_HELPER
  # shellcheck disable=SC2016 # git has it expanded by a shell of its own
  git_setting "credential.$server.helper" '!sh "$CREDENTIAL_HELPER"'
fi
