#!/bin/sh
# Runs Kaniko, which is the arguments, where an image can have files in /var/run.
#
# Most images have /var/run as a link to /run. A pod's mounts make it a folder, which Kaniko cannot replace by the link,
# and it leaves all of /var/run out of an image: what RUN puts there would be missing. So that folder becomes /run, with
# its mounts, and Kaniko leaves out these alone. Kaniko's image has none of the two.
set -eu

if [ -d /var/run ] && ! [ -e /run ]; then
  mv /var/run /run
  ln -s /run /var/run
fi
exec "$@"
