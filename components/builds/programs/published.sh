#!/bin/sh
# Says that the image is there: on its Workflow, to the Image Updater, to GitHub. None of these makes a build fail.
#
# WORKFLOW    the own Workflow's name
# FOUND       what a scan has found, in words; empty where nothing was, or none was made
# UPDATER     address of the Image Updater's webhook, and the variables of notify.sh; empty where no Application is to
#             have the image
# GITHUB_API  and the other variables of status.sh, but STATE and DESCRIPTION; empty where GitHub is not to be told
# RESULTS     folder with the outputs of tag.sh: digest, said, moved
# ...         the variables of kubernetes.sh
set -eu

# shellcheck source=components/builds/programs/kubernetes.sh
. "$(dirname "$0")/kubernetes.sh"

if [ "$(cat "$RESULTS/moved")" = true ] && [ -n "$UPDATER" ]; then
  sh "$(dirname "$0")/notify.sh"
  # From now on a newer push does not stop it.
  patch "$WORKFLOW" '{"metadata":{"labels":{"argo-cicd/published":"true"}}}' ||
    echo "could not write on the Workflow $WORKFLOW that its image is published: $reason"
fi
if [ -n "$GITHUB_API" ]; then
  STATE=success
  DESCRIPTION="$(cat "$RESULTS/said"), $(cat "$RESULTS/digest")${FOUND:+, $FOUND}"
  export STATE DESCRIPTION
  sh "$(dirname "$0")/status.sh"
fi
