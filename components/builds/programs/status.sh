#!/bin/sh
# Sets the status of a commit at GitHub. Tells what came of it, and never fails: a build does not depend on its report.
#
# TOKEN_FILE      file with a token that may write commit statuses
# GITHUB_API      address of GitHub's API, such as https://api.github.com
# REPOSITORY      owner/name
# COMMIT          the full commit; where it is empty, that of the file commit in the folder RESULTS
# CONTEXT         what the status is of: a commit has one for each
# STATE           pending, success, failure or error
# DESCRIPTION     a short text; GitHub takes 140 characters, and the rest is cut off
# TARGET_URL      where the status leads; may be empty
# STATUS_TIMEOUT  seconds for it all; 10 if not set
set -eu
export LC_ALL=C
trap 'exit 0' EXIT

# shellcheck source=components/builds/programs/http.sh
. "$(dirname "$0")/http.sh"

: "${COMMIT:=$(cat "$RESULTS/commit")}"

body() {
  awk '
    # A JSON string of the text, of which as many characters are taken. Awk goes by bytes: those of 128 to 191 go on
    # with the character before.
    function json(text, characters,    i, byte, out) {
      for (i = 1; i <= length(text); i++) {
        byte = substr(text, i, 1)
        if ((code[byte] < 128 || code[byte] > 191) && --characters < 0) break
        if (byte == "\"" || byte == "\\") byte = "\\" byte
        else if (code[byte] < 32) byte = sprintf("\\u%04x", code[byte])
        out = out byte
      }
      return "\"" out "\""
    }
    BEGIN {
      for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
      printf "{\"state\":%s,\"context\":%s", json(ENVIRON["STATE"], 20), json(ENVIRON["CONTEXT"], 255)
      if (ENVIRON["TARGET_URL"] != "") printf ",\"target_url\":%s", json(ENVIRON["TARGET_URL"], 2000)
      printf ",\"description\":%s}", json(ENVIRON["DESCRIPTION"], 140)
    }'
}

# Two tries, with a second between them.
ask 'authorization: Bearer ' "$TOKEN_FILE" --request POST --max-time "$(((${STATUS_TIMEOUT:-10} - 1) / 2))" --retry 1 --retry-delay 1 --retry-max-time 5 \
  --retry-connrefused --header 'accept: application/vnd.github+json' --header 'x-github-api-version: 2022-11-28' \
  --header 'content-type: application/json' --data-binary "$(body)" "$GITHUB_API/repos/$REPOSITORY/statuses/$COMMIT"

status="status $CONTEXT of $COMMIT"
if [ "$code" = 201 ]; then
  echo "set the $status: $STATE, $DESCRIPTION"
else
  echo "could not set the $status: $reason"
fi
