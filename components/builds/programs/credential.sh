#!/bin/sh
# Git's credential helper: gives the token to the repository's own server, and to no other. A redirect or a submodule
# may lead elsewhere.
#
# REPOSITORY_URL  whose server may see the token
# TOKEN_FILE      file with the token
#
# Git says what it wants in the first argument, and for which server in lines of standard input.
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
