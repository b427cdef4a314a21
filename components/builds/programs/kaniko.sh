#!/bin/sh
# Runs Kaniko, the command in the arguments, such that an image can have files in /var/run.
#
# In most images, /var/run is a link to /run. A pod's mounts make it a folder, which Kaniko cannot replace with the
# link. Kaniko would leave all of /var/run out of the image, with what RUN writes there. So this script moves the folder
# and its mounts to /run, and Kaniko leaves out only the mounts. Kaniko's own image has neither folder.
set -eu

if [ -d /var/run ] && ! [ -e /run ]; then
  mv /var/run /run
  ln -s /run /var/run
fi
exec "$@"
