#!/bin/sh
# Tells the Image Updater that a tag has moved. Tells what came of it, and never fails: the updater looks by itself too.
#
# UPDATER             address of its webhook
# UPDATER_TOKEN_FILE  file with the webhook's secret
# REGISTRY            the registry's host
# IMAGE_PATH          the image without registry and tag, as the ImageUpdater names it
# TAG                 the tag that it follows
# RESULTS             folder with the output of tag.sh: digest
set -eu
trap 'exit 0' EXIT

# shellcheck source=components/builds/programs/http.sh
. "$(dirname "$0")/http.sh"

digest=$(cat "$RESULTS/digest")
# A CloudEvent. None of the values holds what JSON would mark.
event=$(printf '{"specversion":"1.0","type":"container.image.push","source":"argo-cicd","id":"%s","subject":"%s:%s","data":{"registry":"%s","repository":"%s","tag":"%s","digest":"%s"}}' \
  "$digest" "$IMAGE_PATH" "$TAG" "$REGISTRY" "$IMAGE_PATH" "$TAG" "$digest")
ask 'x-webhook-secret: ' "$UPDATER_TOKEN_FILE" --request POST --max-time 2 --retry 1 --retry-delay 1 \
  --retry-connrefused --header 'content-type: application/cloudevents+json' --data-binary "$event" \
  "$UPDATER?type=cloudevents"
if [ "$code" = 200 ]; then
  echo "told the Image Updater of $IMAGE_PATH:$TAG"
else
  echo "could not tell the Image Updater of $IMAGE_PATH:$TAG, which finds it out by itself: $reason"
fi
