#!/bin/sh
# Writes the commit on the own Workflow, and stops the builds of older commits of the same branch.
#
# NAMESPACE       of the Workflows
# WORKFLOW        the own Workflow's name
# SERVICE         its label argo-cicd/service
# BRANCH_LABEL    its label argo-cicd/branch
# RESULTS         folder with the outputs of tip.sh:
#   commit        the full commit
#   newest        true if the branch is at this commit; only then are others stopped
# ...             the variables of kubernetes.sh
#
# Older is what was made in an earlier second. Of two builds of the same second neither stops the other: each ends, and
# the tags go to the newest commit in any case.
set -eu
export LC_ALL=C

# shellcheck source=components/builds/programs/kubernetes.sh
. "$(dirname "$0")/kubernetes.sh"

# Builds that wait for what they have published are not stopped: it is being delivered.
list() {
  ours="argo-cicd/service=$SERVICE,argo-cicd/branch=$BRANCH_LABEL,argo-cicd/git-tag="
  kubernetes --get --header "accept: application/yaml;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" \
    --data-urlencode "labelSelector=$ours,!argo-cicd/published,workflows.argoproj.io/completed!=true" "$workflows"
}

# The names of those in the list that are older than the own. The same words further in are labels and the like. A
# build of a git tag is not in the list, and nothing is older than it.
older() {
  printf '%s\n' "$answer" | tr -d '"' | OWN=$WORKFLOW awk '
    function keep() { if (name != "") times[name] = time }
    /^- / { keep(); name = time = "" }
    /^    creationTimestamp: / { time = $2 }
    /^    name: / { name = $2 }
    END {
      keep()
      for (name in times) if (times[name] "" < times[ENVIRON["OWN"]] "") print name
    }'
}

commit=$(cat "$RESULTS/commit")
if ! patch "$WORKFLOW" "{\"metadata\":{\"labels\":{\"argo-cicd/commit\":\"$commit\"}}}"; then
  echo "cannot write the commit on the Workflow $WORKFLOW: $reason" >&2
  exit 1
fi
[ "$(cat "$RESULTS/newest")" = true ] || exit 0

if ! list; then
  echo "cannot list the Workflows of $SERVICE, to stop older ones: $reason" >&2
  exit 1
fi
stop="{\"metadata\":{\"labels\":{\"argo-cicd/superseded-by\":\"$commit\"}},\"spec\":{\"shutdown\":\"Stop\"}}"
failed=false
for name in $(older); do
  if patch "$name" "$stop"; then
    echo "stopped $name: $commit is newer"
  elif [ "$code" != 404 ]; then
    echo "cannot stop $name, which builds an older commit: $reason" >&2
    failed=true
  fi
done
[ "$failed" = false ]
