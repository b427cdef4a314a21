#!/bin/sh
# Waits until what was built runs, and tells GitHub how that goes: a Deployment of the commit.
#
# APPLICATIONS  names of the Applications that follow the image, separated by spaces
# BY_COMMIT     those of them that have it by a commit of the Image Updater's, separated by spaces
# NAMESPACE     theirs
# IMAGE         the image, without a tag
# DIGEST        of the image
# TIME_LIMIT    seconds to wait
# CREATED       when the Workflow was made, in seconds since 1970
# YQ            the program yq, which reads and writes JSON
# RESULTS       folder, for the output:
#   seconds     from the Workflow's making until the image ran; 0 where it did not come to that
# GITHUB_API, TOKEN_FILE, REPOSITORY, COMMIT  as for status.sh; GITHUB_API is empty where GitHub is not to be told
# ENVIRONMENT   GitHub's name of where it runs
# PAGE          address of what runs; may be empty
# TARGET_URL    address of the Workflow; may be empty
# ...           the variables of kubernetes.sh
set -eu
export LC_ALL=C

# shellcheck source=components/builds/programs/kubernetes.sh
. "$(dirname "$0")/kubernetes.sh"

deployment=

# github PATH JSON  Whatever becomes of it, what was built is delivered.
github() {
  ask 'authorization: Bearer ' "$TOKEN_FILE" --request POST --max-time 5 --retry 1 --retry-delay 1 \
    --retry-connrefused --header 'accept: application/vnd.github+json' \
    --header 'x-github-api-version: 2022-11-28' --header 'content-type: application/json' --data-binary "$2" \
    "$GITHUB_API/repos/$REPOSITORY/deployments$1"
  [ "$code" = 201 ] || echo "could not tell GitHub: $reason"
}

open_deployment() {
  # At once, whatever checks the commit still has to pass: it is being delivered.
  github "" "$("$YQ" --null-input --output-format json '{
    "ref": strenv(COMMIT), "environment": strenv(ENVIRONMENT), "task": "deploy",
    "auto_merge": false, "required_contexts": []
  }')"
  [ "$code" != 201 ] || deployment=$(printf '%s' "$answer" | "$YQ" --input-format json .id)
}

# tell STATE DESCRIPTION
tell() {
  echo "$1: $2"
  [ -n "$deployment" ] || return 0
  # shellcheck disable=SC2016 # it is yq that expands
  github "/$deployment/statuses" "$(STATE=$1 DESCRIPTION=$2 "$YQ" --null-input --output-format json '{
    "state": strenv(STATE), "environment": strenv(ENVIRONMENT), "environment_url": strenv(PAGE),
    "log_url": strenv(TARGET_URL), "description": strenv(DESCRIPTION) | sub("^((?s:.{139})).{2,}$", "${1}…")
  } | with_entries(select(.value != ""))')"
}

# What an Application says, a line each; the last one keeps the empty ones before it. Its images are those of its pods,
# its health is that of all that it holds, and what stands before "desc" in a fault says only who has told whom.
application='[
  ([.spec.source.kustomize.images // [], .status.summary.images // []] | flatten
    | map(select(test("^" + strenv(IMAGE) + "[:=@]"))) | .[0] // ""),
  (.status.summary.images // [] | any_c(contains(strenv(DIGEST)))),
  (.status.operationState.syncResult.source // {} | @json | contains(strenv(DIGEST))),
  (.status.operationState.phase // ""),
  (.status.health.status // ""),
  (.status.operationState.message // ""),
  (.status.conditions // [] | map(select(.type == "*Error") | .message) | .[0] // "" | sub("(?s)^.* desc = ", "")),
  (.status.resources // [] | map(select(.health.status // "Healthy" != "Healthy"))
    | map(.kind + " " + .name + " is " + .health.status + ": " + (.health.message // "")) | .[0] // ""),
  "end"
] | .[] | to_string | sub("\s+", " ")'

# look APPLICATION  Sets `wanted`, the image that it is to have, `state`: live, failed or waiting, and `why` it is not live.
look() {
  if ! kubernetes "$argo/$NAMESPACE/applications/$1"; then
    wanted='' state=waiting why="cannot read the Application $1: $reason"
    return 0
  fi
  found=$(printf '%s' "$answer" | "$YQ" --input-format json --output-format yaml --unwrapScalar "$application")
  {
    read -r wanted
    read -r running
    read -r synced
    read -r phase
    read -r health
    read -r message
    read -r condition
    read -r unhealthy
  } <<FOUND
$found
FOUND
  state=waiting
  if [ "$running $health" = "true Healthy" ] && [ "$phase" != Running ]; then
    state=live
  elif [ "$synced" = true ] && { [ "$phase" = Failed ] || [ "$phase" = Error ]; }; then
    state=failed why="the sync of $1 has failed: $message"
  elif [ -n "$condition" ]; then
    why="$1: $condition"
  elif [ "$running" = true ]; then
    why="$1: ${unhealthy:-it is $health: $message}"
  elif is_ours "$wanted"; then
    why="$1 is to have the image, and no pod of it has: ${message:-$unhealthy}"
  else
    why="$1 has not been given the image: do its manifests name $IMAGE? If so, ask the Image Updater's log"
  fi
}

# refresh APPLICATION  Nobody else may be there to tell Argo CD of the Image Updater's commit, and it looks seldom.
refresh() {
  case " $BY_COMMIT " in
    *" $1 "*) ;;
    *) return 0 ;;
  esac
  kubernetes --request PATCH --header 'content-type: application/merge-patch+json' \
    --data-binary '{"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}' \
    "$argo/$NAMESPACE/applications/$1" || echo "could not make Argo CD look at $1: $reason"
}

is_ours() {
  case $1 in
    *"$DIGEST") return 0 ;;
    *) return 1 ;;
  esac
}

start() {
  [ -n "$started" ] || tell in_progress "Argo CD rolls it out"
  started=true
}

finish() {
  tell "$1" "$2"
  trap - TERM
  exit "$3"
}

printf 0 >"$RESULTS/seconds"
[ -z "$GITHUB_API" ] || open_deployment
tell queued "waiting for Argo CD"
trap 'finish error "stopped" 1' TERM
began=$(date +%s)
# The image that an Application is to have at first is the one before. When that changes to another than ours, ours will
# not come any more.
started=
for name in $APPLICATIONS; do
  look "$name"
  before=$wanted
  looks=0
  while [ "$state" != live ]; do
    : "${before:=$wanted}"
    if is_ours "$wanted"; then
      start
    elif [ "$wanted" != "$before" ]; then
      finish inactive "a newer image took its place" 0
    elif [ "$((looks % 5))" = 0 ]; then
      refresh "$name"
    fi
    looks=$((looks + 1))
    [ "$state" != failed ] || finish failure "$why" 1
    [ "$(($(date +%s) - began))" -lt "$TIME_LIMIT" ] || finish failure "not live after $TIME_LIMIT s: $why" 1
    sleep 1
    look "$name"
  done
  start
done
printf '%s' "$(($(date +%s) - CREATED))" >"$RESULTS/seconds"
finish success "live $(($(date +%s) - CREATED)) s after the push" 0
