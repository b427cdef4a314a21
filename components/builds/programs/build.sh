#!/bin/sh
# Runs the builder, unless the image exists already.
#
# The arguments are the builder and its own, in which stand for
#   {commit}    the commit
#   {sha7}      its first seven characters
#   {tag}       the tag of git that is built; nothing where it is a branch
#   {env:NAME}  the value of the variable NAME
#   {own-tag}   the tag of the image, where that differs from build to build: _imagetag, in which {sha7} stands for the same
#   {open}      a {
# What they stand for is not looked through again, so that nobody's text is taken for a placeholder.
#
# RESULTS   folder with the outputs of tip.sh and find.sh: commit, tag, digest; and of registry-proxy.ts: registries
#
# The builder's own environment may hold any other variable: those of this script begin with _, which no build argument does.
set -eu
# Of two streams the lines may change places, and the builder's last line is what is reported to the author.
exec 2>&1

if [ -s "$RESULTS/digest" ]; then
  echo "the image exists: nothing to build"
  exit 0
fi

# The proxy starts beside it, and without it nothing can be pulled or pushed.
_waited=0
until [ -e "$RESULTS/registries" ]; do
  if [ "$_waited" -ge 300 ]; then
    echo "the way to the registries did not open within a minute: the container registry of this pod says why"
    exit 1
  fi
  _waited=$((_waited + 1))
  sleep 0.2 2>/dev/null || sleep 1
done

_commit=$(cat "$RESULTS/commit")
_tag=$(cat "$RESULTS/tag")
_own=$(printf '%s' "${_imagetag:-}" | sed "s/{sha7}/$(printf '%.7s' "$_commit")/g")

# variable NAME  Sets `_value` to that of the variable; fails where it is no name of one.
variable() {
  case $1 in
    '' | [!A-Za-z_]* | *[!A-Za-z0-9_]*) return 1 ;;
  esac
  eval "_value=\${$1-}"
}

# fill ARGUMENT  Sets `_filled` to it, with its placeholders filled in.
fill() {
  set -f
  IFS='{'
  # The x keeps what is last: an empty field that ends a text is none for the shell.
  # shellcheck disable=SC2086 # it is to be split
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
# Codes from 128 are those of a program that a signal has ended, and of one that says so of another. As the pod's they would
# mean that it was stopped from outside, and may be tried again.
if [ "$_code" -eq 137 ]; then
  echo "a program of the build was killed: if it was for want of memory, \`resources.memory\` in the stack file raises the limit"
elif [ "$_code" -ge 128 ]; then
  echo "the builder ended with $_code, as a program does that a signal has ended"
fi
[ "$_code" -lt 128 ] || exit 1
exit "$_code"
