#!/bin/sh
# Scans an image for known vulnerabilities that a newer version of a package fixes.
#
# IMAGE     the image, with a tag or a digest
# ARCHITECTURES  the architectures of an index, separated by spaces, scanned one by one; unset for a single image
# SEVERITY  the lowest severity that counts: LOW, MEDIUM, HIGH or CRITICAL
# MODE      stop to fail if vulnerabilities are found, or if the image cannot be scanned; warn to continue
# INSECURE  true for a registry that speaks plain HTTP
# RESULTS   folder for the output:
#   findings  the findings as text for a commit status; empty if there are none
#
# trivy reads the registry's login from config.json of the folder DOCKER_CONFIG. Its database is in TRIVY_CACHE_DIR.
set -eu

: "${ARCHITECTURES:=}"
: >"$RESULTS/findings"
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

# Vulnerabilities only: by default, trivy also counts the secrets that it finds in an image.
set -- image --scanners vuln --severity "$severities" --ignore-unfixed --exit-code 10 --no-progress
[ "$INSECURE" != true ] || set -- "$@" --insecure

findings='' hint=''
# scan [FLAG...]  Runs trivy with the flags, and adds what is to be reported to `hint`.
scan() {
  code=0
  trivy "$@" "$IMAGE" || code=$?
  case $code in
    0)
      echo "no vulnerabilities of $SEVERITY or above in $what"
      ;;
    10)
      findings="vulnerabilities of $SEVERITY or above"
      hint="${hint:+$hint; }found $findings in $what: newer versions of the packages in the table fix them"
      ;;
    *)
      findings=${findings:-could not be scanned}
      hint="${hint:+$hint; }$what could not be scanned: trivy exited with code $code, see its error above"
      ;;
  esac
}

what=$IMAGE
if [ -z "$ARCHITECTURES" ]; then
  scan "$@"
else
  # trivy reads one image of an index at a time.
  for architecture in $ARCHITECTURES; do
    what="$IMAGE for $architecture"
    scan "$@" --platform "linux/$architecture"
  done
fi

printf '%s' "$findings" >"$RESULTS/findings"
[ -n "$findings" ] || exit 0
echo "$hint" >&2
[ "$MODE" != stop ] || exit 1
