#!/bin/sh
# Sourced by begin.sh, status.sh: a request with a token, by curl.
#
# TOKEN_FILE  file with the token

# ask ARGUMENTS...  Sets `code`, which is 000 where there was no answer, `answer`, and `reason`: one short line that
# tells why it went wrong. The token goes in by standard input: arguments can be read by every process of the machine.
ask() {
  newline='
'
  output=$(printf 'header = "authorization: Bearer %s"\n' "$(cat "$TOKEN_FILE")" |
    curl --silent --config - --write-out '\n%{http_code} %{errormsg}' "$@") || true
  answer=${output%"$newline"*}
  output=${output##*"$newline"}
  code=${output%% *}
  # GitHub and Kubernetes both say it in the field "message".
  reason=$(printf '%s' "$answer" | tr -d '\n' | sed -n 's/.*"message": *"\(\([^"\\]\|\\.\)*\)".*/\1/p' |
    sed 's/\\\(.\)/\1/g' | tr -d '[:cntrl:]' | cut -c 1-200)
  reason="$code ${reason:-${output#* }}"
}
