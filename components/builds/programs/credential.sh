#!/bin/sh
# A Git credential helper that provides the token for the repository's own server only: a redirect or a submodule may
# lead elsewhere.
#
# REPOSITORY_URL  the repository, whose server may receive the token
# TOKEN_FILE      file with the token
#
# Git passes the operation as the first argument, and the server as lines on standard input.
set -eu

protocol=
host=
while IFS='=' read -r key value; do
  case $key in
    protocol) protocol=$value ;;
    host) host=$value ;;
  esac
done

[ "${1:-}" = get ] || exit 0
case $REPOSITORY_URL in
  "$protocol://$host/"*) ;;
  *) exit 0 ;;
esac

token=$(cat "$TOKEN_FILE")
printf 'username=x-access-token\npassword=%s\n' "$token"
