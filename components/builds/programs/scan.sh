#!/bin/sh
# Looks for known vulnerabilities in an image, of those that a newer version of a package fixes.
#
# IMAGE     the image, with a tag or a digest
# ARCHITECTURES  those of an index, separated by spaces, whose images are scanned one after the other; not set where it is one image
# SEVERITY  the least that counts: LOW, MEDIUM, HIGH or CRITICAL
# MODE      stop to end with a failure when there are some, or when the image cannot be scanned; warn to go on
# INSECURE  true for a registry that speaks plain HTTP
# RESULTS   folder for the output:
#   found   what was found, for people; empty where nothing was
#
# The registry's login is in config.json of the folder DOCKER_CONFIG; trivy's database is in TRIVY_CACHE_DIR.
set -eu

: "${ARCHITECTURES:=}"
: >"$RESULTS/found"
case $SEVERITY in
  LOW) severities=LOW,MEDIUM,HIGH,CRITICAL ;;
  MEDIUM) severities=MEDIUM,HIGH,CRITICAL ;;
  HIGH) severities=HIGH,CRITICAL ;;
  CRITICAL) severities=CRITICAL ;;
  *)
    echo "there is no severity \"$SEVERITY\": it is LOW, MEDIUM, HIGH or CRITICAL" >&2
    exit 1
    ;;
esac

# Only vulnerabilities: trivy would also look for forgotten passwords, and count them in.
set -- image --scanners vuln --severity "$severities" --ignore-unfixed --exit-code 10 --no-progress
[ "$INSECURE" != true ] || set -- "$@" --insecure

found='' hint=''
# scan [FLAG...]  Of trivy. Adds to `hint` what there is to report.
scan() {
  code=0
  trivy "$@" "$IMAGE" || code=$?
  case $code in
    0)
      echo "no vulnerabilities of $SEVERITY or above in $what"
      ;;
    10)
      found="vulnerabilities of $SEVERITY or above"
      hint="${hint:+$hint; }found $found in $what: newer versions of the packages in the table mend them"
      ;;
    *)
      found=${found:-could not be scanned}
      hint="${hint:+$hint; }$what could not be scanned: trivy ended with $code, and says why above"
      ;;
  esac
}

what=$IMAGE
if [ -z "$ARCHITECTURES" ]; then
  scan "$@"
else
  # Of an index, trivy takes one image.
  for architecture in $ARCHITECTURES; do
    what="$IMAGE for $architecture"
    scan "$@" --platform "linux/$architecture"
  done
fi

printf '%s' "$found" >"$RESULTS/found"
[ -n "$found" ] || exit 0
echo "$hint" >&2
[ "$MODE" != stop ] || exit 1
