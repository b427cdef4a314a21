#!/bin/sh
# Tells GitHub that the image is there.
#
# FOUND     what a scan has found, in words; empty where nothing was, or none was made
# RESULTS   folder with the outputs of tag.sh: digest, said
# ...       all variables of status.sh but STATE and DESCRIPTION
set -eu

STATE=success
DESCRIPTION="$(cat "$RESULTS/said"), $(cat "$RESULTS/digest")${FOUND:+, $FOUND}"
export STATE DESCRIPTION
exec sh "$(dirname "$0")/status.sh"
