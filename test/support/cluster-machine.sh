#!/bin/sh
# A machine for a test: namespaces of processes, mounts and network that contain everything that the test starts.
#
# It runs until standard input is closed, and so ends with the test, however that ends. The kernel then kills its
# processes and drops its mounts, addresses and packet rules; the rest is cleaned up here.
#
# $1  folder of the machine, removed at its end
# $2  link to it, which is also the name of its control group
# $3  address of this side of the link
# $4  address of the machine
# $5  range of addresses behind it
set -eu
folder=$1 link=$2 host_address=$3 address=$4 behind=$5

control_groups() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    echo /sys/fs/cgroup/
  else
    ls -d /sys/fs/cgroup/*/
  fi
}

tidy_up() {
  trap '' INT TERM HUP
  ip link delete "$link" 2>/dev/null || true
  for group in $(control_groups); do
    if [ -d "$group$link" ]; then
      find "$group$link" -depth -type d -exec rmdir {} + 2>/dev/null || true
    fi
  done
  rm -rf "$folder"
}
# Signals are for the test, whose end closes standard input.
trap '' INT TERM HUP
trap tidy_up EXIT

for group in $(control_groups); do
  mkdir -p "$group$link"
  # A new group accepts no process before its processors are set.
  for file in cpuset.cpus cpuset.mems; do
    if [ "$group" = /sys/fs/cgroup/cpuset/ ]; then
      cat "$group$file" >"$group$link/$file"
    fi
  done
done

exec 3<&0
# shellcheck disable=SC2016
unshare --mount --pid --net --fork --kill-child sh -c '
  read -r pid _ </proc/self/stat
  mount -t proc proc /proc
  for path in /run /var/lib /var/log; do mount -t tmpfs tmpfs "$path"; done
  # What the kubelet would set for the whole kernel goes to files of the machine.
  mkdir /run/tunables
  for pair in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=$(mktemp /run/tunables/XXXXXX)
    echo "${pair#*=}" >"$file"
    mount --bind "$file" "/proc/sys/${pair%%=*}"
  done
  echo "$pid" >"$1"
  exec cat >/dev/null
' machine "$folder/pid" <&3 &
machine=$!
exec 3<&-
until [ -s "$folder/pid" ]; do
  kill -0 "$machine"
  sleep 0.05
done
pid=$(cat "$folder/pid")

ip link add "$link" type veth peer name uplink netns "$pid"
ip address add "$host_address/30" dev "$link"
ip link set "$link" up
ip route add "$behind" via "$address"
# shellcheck disable=SC2016
nsenter --target "$pid" --mount --pid --net sh -eu -c '
  ip link set lo up
  ip address add "$1/30" dev uplink
  ip link set uplink up
  echo 1 >/proc/sys/net/ipv4/ip_forward
  # Requests from pods to the test come from an address that it can answer.
  iptables -t nat -A POSTROUTING -o uplink -j MASQUERADE
' setup "$address"
echo "ready $pid"
wait "$machine" || true
