#!/bin/sh
# Stands in for trivy, which cannot be built from its Go module here. The image's name decides what it finds: one with
# "vulnerable" has vulnerabilities, one with "unreadable" cannot be scanned. Like trivy, it exits with the requested
# code if it finds something, and with 1 if it cannot scan. Its SBOMs have no packages.
set -eu

echo "trivy $*"
found=0
output=
image=
while [ "$#" -gt 0 ]; do
  case $1 in
    --exit-code) found=$2 && shift ;;
    --output) output=$2 && shift ;;
    *) image=$1 ;;
  esac
  shift
done

case $image in
  *unreadable*)
    echo "FATAL Fatal error run error: image scan error" >&2
    exit 1
    ;;
  *vulnerable*)
    echo "| libexample | CVE-2026-0001 | HIGH | fixed | 1.0 | 1.1 |"
    exit "$found"
    ;;
esac
[ -z "$output" ] || echo '{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"image","packages":[]}' >"$output"
