#!/bin/sh
# Tells GitHub why a build has failed. Runs when its Workflow has not succeeded.
#
# FAILURES  Argo's {{workflow.failures}}: the failed nodes as JSON, which is itself written as a string
# LABELS    Argo's {{workflow.labels.json}}
# STEPS     those that an image needs, in their order, separated by spaces
# COMMIT    the full commit; that of the label argo-cicd/commit if empty or not set
# ...       the other variables of status.sh, but STATE and DESCRIPTION
set -eu
export LC_ALL=C

# What labels hold needs no marks before it in JSON.
label() {
  printf '%s' "$LABELS" | sed -n "s|.*\"argo-cicd/$1\": *\"\([0-9a-f]*\)\".*|\1|p"
}

COMMIT=${COMMIT:-$(label commit)}
if [ -z "$COMMIT" ]; then
  echo "the build ended before it knew its commit: no status is set"
  exit 0
fi

superseded=$(label superseded-by)
case $FAILURES in
  \"*) nodes=$(printf '%s' "$FAILURES" | sed 's/^"//; s/"$//; s/\\\(.\)/\1/g') ;;
  *) nodes=$FAILURES ;;
esac

# The state, and after a space the description.
#
# A step that is tried again has a node for itself, named as the step, and one for each try, named step(0), step(1) ...
# A failed try is not a failed step: the next may have succeeded. But only the try says what went wrong.
outcome=$(SUPERSEDED=$superseded FAILURES=$nodes STEPS=$STEPS awk '
  # The text of a JSON string.
  function text(json,    out, escape) {
    json = substr(json, 2, length(json) - 2)
    while (match(json, /\\(u....|.)/)) {
      escape = substr(json, RSTART + 1, RLENGTH - 1)
      out = out substr(json, 1, RSTART - 1) (escape in plain ? plain[escape] : substr(escape, 1, 1) == "u" ? "?" : escape)
      json = substr(json, RSTART + RLENGTH)
    }
    return out json
  }
  # Argo says which container, how it ended, and its last lines, of which the last one tells best.
  function said_of(step, message,    lines, count) {
    count = split(message, lines, "\n")
    # The executor, which has called the program, adds lines of its own.
    while (count > 1 && lines[count] ~ /^ *$|^Error: exit status [0-9]+$| argo=true( |$)/) count--
    if (!match(message, /^[a-z0-9-]+: [A-Za-z]+ \(exit code [0-9]+\)(: )?/)) return step " failed: " lines[count]
    if (message !~ /^main:/) step = substr(message, 1, index(message, ":") - 1)
    message = count > 1 ? lines[count] : substr(lines[1], RLENGTH + 1)
    return step " failed: " (message == "" ? substr(lines[1], index(lines[1], ":") + 2) : message)
  }
  # One node has been read.
  function node(    step, time, isTry) {
    step = field["templateName"]
    if (step == "live") published = 1
    if (field["message"] ~ /^(Stopped|workflow shutdown) with strategy/) stopped = 1
    if (!(step in place)) return
    # Those that have no time come last; of the same second, the one that comes first in a build.
    time = (field["finishedAt"] == "" ? "~" : field["finishedAt"]) " " place[step]
    isTry = field["displayName"] ~ /\([0-9]+\)$/
    if (isTry && time > lastTry[step]) { lastTry[step] = time; said[step] = field["message"] }
    if (!isTry && (first == "" || time < first)) { first = time; failed = step; message = field["message"] }
  }
  BEGIN {
    count = split(ENVIRON["STEPS"], names, " ")
    for (i = 1; i <= count; i++) place[names[i]] = i
    plain["n"] = "\n"
    plain["r"] = plain["t"] = plain["b"] = plain["f"] = " "
    plain["u003c"] = "<"; plain["u003e"] = ">"; plain["u0026"] = "&"

    # A list of flat objects; what is not a string is null.
    json = ENVIRON["FAILURES"]
    while (match(json, /"([^"\\]|\\.)*"|[{}]/)) {
      token = substr(json, RSTART, RLENGTH)
      json = substr(json, RSTART + RLENGTH)
      if (token == "{") split("", field)
      else if (token == "}") node()
      else if (json ~ /^ *:/) key = text(token)
      else field[key] = text(token)
    }

    if (failed in said) message = said[failed]
    if (published && failed == "") print "published"
    else if (ENVIRON["SUPERSEDED"] != "") print "error superseded by " substr(ENVIRON["SUPERSEDED"], 1, 7)
    else if (stopped) print "error stopped"
    else if (failed == "") print "error failed outside of its steps"
    else if (message ~ /longer than the specified deadline$|exceeded its deadline$|^DeadlineExceeded|^retry exceeded/)
      print "failure " failed ": exceeded its time limit"
    else print "failure " said_of(failed, message)
  }')

if [ "$outcome" = published ]; then
  echo "the image is published, and not live: the commit's Deployment tells why"
  exit 0
fi
STATE=${outcome%% *} DESCRIPTION=${outcome#* }
export STATE DESCRIPTION COMMIT
exec sh "$(dirname "$0")/status.sh"
