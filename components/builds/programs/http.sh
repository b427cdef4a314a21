#!/bin/sh
# Sourced by the scripts that ask GitHub, the API server or the Image Updater: a request with a secret, by curl.

# ask HEADER FILE ARGUMENTS...  The header ends with the secret that is in the file. Sets `code`, which is 000 where
# there was no answer, `answer`, and `reason`: one short line that tells why it went wrong. The secret goes in by
# standard input: arguments can be read by every process of the machine.
ask() {
  newline='
'
  header=$1 secret=$2
  shift 2
  output=$(printf 'header = "%s%s"\n' "$header" "$(cat "$secret")" |
    curl --silent --config - --write-out '\n%{http_code} %{errormsg}' "$@") || true
  answer=${output%"$newline"*}
  output=${output##*"$newline"}
  code=${output%% *}
  # GitHub and Kubernetes both say it in the field "message".
  reason=$(printf '%s' "$answer" | tr -d '\n' | sed -n 's/.*"message": *"\(\([^"\\]\|\\.\)*\)".*/\1/p' |
    sed 's/\\\(.\)/\1/g' | tr -d '[:cntrl:]' | cut -c 1-200)
  reason="$code ${reason:-${output#* }}"
}
