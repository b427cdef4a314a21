#!/bin/sh
# Runs the builder, unless the image exists already.
#
# The arguments are the builder and its own arguments, in which these placeholders are replaced:
#   {commit}    the commit
#   {sha7}      its first seven characters
#   {tag}       the Git tag that is built; empty for a branch
#   {env:NAME}  the value of the variable NAME
#   {own-tag}   the tag of the image if it differs from build to build: the value of _imagetag, with {sha7} replaced too
#   {open}      a {
# Replaced text is not searched for placeholders again, so that no value is mistaken for one.
#
# RESULTS   folder with the outputs of tip.sh and find.sh (commit, tag, digest), and of registry-proxy.ts (registries)
#
# The builder's environment may contain any other variable. The variables of this script begin with _, which no build
# argument does.
set -eu
# Lines of two streams could get out of order, and the builder's last line is reported to the author.
exec 2>&1

if [ -s "$RESULTS/digest" ]; then
  echo "the image exists: nothing to build"
  exit 0
fi

# The proxy may still be starting. Without it, nothing can be pulled or pushed.
_waited=0
until [ -e "$RESULTS/registries" ]; do
  if [ "$_waited" -ge 300 ]; then
    echo "the registry proxy did not start within a minute: see the log of the container \`registry\` of this pod"
    exit 1
  fi
  _waited=$((_waited + 1))
  # A sleep without fractions waits for as long as five of the others.
  sleep 0.2 2>/dev/null || {
    sleep 1
    _waited=$((_waited + 4))
  }
done

_commit=$(cat "$RESULTS/commit")
_tag=$(cat "$RESULTS/tag")
_own=$(printf '%s' "${_imagetag:-}" | sed "s/{sha7}/$(printf '%.7s' "$_commit")/g")

# variable NAME  Sets `_value` to the value of the variable; fails if NAME is not the name of a variable.
variable() {
  case $1 in
    '' | [!A-Za-z_]* | *[!A-Za-z0-9_]*) return 1 ;;
  esac
  eval "_value=\${$1-}"
}

# fill ARGUMENT  Sets `_filled` to the argument with its placeholders replaced.
fill() {
  set -f
  IFS='{'
  # The x keeps an empty last field, which the shell would drop.
  # shellcheck disable=SC2086 # splits on purpose
  set -- ${1}x
  _filled=$1
  shift
  for _part; do
    _value=''
    case $_part in
      'commit}'*) _value=$_commit ;;
      'sha7}'*) _value=$(printf '%.7s' "$_commit") ;;
      'tag}'*) _value=$_tag ;;
      'own-tag}'*) _value=$_own ;;
      'open}'*) _value='{' ;;
      'env:'*'}'*)
        _name=${_part#env:}
        variable "${_name%%\}*}" || _part="}{$_part"
        ;;
      *) _part="}{$_part" ;;
    esac
    _filled=$_filled$_value${_part#*\}}
  done
  _filled=${_filled%x}
}

for _argument; do
  fill "$_argument"
  set -- "$@" "$_filled"
  shift
done
unset IFS

_code=0
"$@" || _code=$?
# A code of 128 or more means that a signal ended the program, or one that it ran. As the pod's exit code, it would mean
# that the pod was stopped from outside and may be retried.
if [ "$_code" -eq 137 ]; then
  echo "a program of the build was killed: if it ran out of memory, raise \`resources.memory\` in the stack file"
elif [ "$_code" -ge 128 ]; then
  echo "the builder exited with code $_code: a signal ended a program of the build"
fi
[ "$_code" -lt 128 ] || exit 1
exit "$_code"
