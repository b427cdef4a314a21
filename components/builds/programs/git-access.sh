#!/bin/sh
# Sourced by checkout.sh and tip.sh: how git accesses a repository.
#
# REPOSITORY_URL           the repository
# TOKEN_FILE               file with a token that may read it; empty or unset if it is public
# CA_FILE                  file with certificate authorities beside the system's; empty or unset if there are none
# SYSTEM_CA_FILE           file with the system's certificate authorities; the image's own if unset
# GIT_HTTP_LOW_SPEED_TIME  seconds after which git gives up on a server that sends nothing; 60 if unset

# git_setting KEY VALUE  Configures git for this process and its children, without a file.
git_setting() {
  count=${GIT_CONFIG_COUNT:-0}
  export "GIT_CONFIG_KEY_$count=$1" "GIT_CONFIG_VALUE_$count=$2" "GIT_CONFIG_COUNT=$((count + 1))"
}

# Makes three attempts: network errors may pass. What does not exist fails the third time too.
retry() {
  attempt=1
  until "$@"; do
    [ "$attempt" -lt 3 ] || return 1
    sleep "$attempt"
    attempt=$((attempt + 1))
  done
}

# The folder is a volume that belongs to root, so git must be configured to trust it. The user has no git configuration.
git_setting safe.directory "$PWD"

# Nobody can answer a prompt, and no server may stall a build.
export GIT_TERMINAL_PROMPT=0
export GIT_HTTP_LOW_SPEED_LIMIT=1 GIT_HTTP_LOW_SPEED_TIME="${GIT_HTTP_LOW_SPEED_TIME:-60}"

: "${CA_FILE:=}"
if [ -n "$CA_FILE" ]; then
  # git reads one file only.
  GIT_SSL_CAINFO=$(mktemp)
  export GIT_SSL_CAINFO
  if ! cat "${SYSTEM_CA_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$CA_FILE" >"$GIT_SSL_CAINFO"; then
    echo "cannot read the authorities of \`network.ca\` from $CA_FILE: is its ConfigMap mounted?" >&2
    exit 1
  fi
fi

if [ -n "${TOKEN_FILE:-}" ]; then
  if ! [ -s "$TOKEN_FILE" ] || ! [ -r "$TOKEN_FILE" ]; then
    echo "cannot read a token from $TOKEN_FILE: is its Secret mounted, and does it have a value?" >&2
    exit 1
  fi
  server=$(printf '%s' "$REPOSITORY_URL" | cut -d / -f 1-3)
  # git calls the helper when the server asks for credentials. Its path is absolute, since git changes into the folders
  # of submodules.
  CREDENTIAL_HELPER=$(cd "$(dirname "$0")" && pwd)/credential.sh
  export CREDENTIAL_HELPER
  # shellcheck disable=SC2016 # git's own shell expands it
  git_setting "credential.$server.helper" '!sh "$CREDENTIAL_HELPER"'
fi
