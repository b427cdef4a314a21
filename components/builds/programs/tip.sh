#!/bin/sh
# Asks the server which commit to build, and whether it is the newest. Needs no workspace.
#
# REPOSITORY_URL  the repository
# TOKEN_FILE      file with a token that may read it; empty or not set where it is public
# BRANCH          the branch, or another one where that is built
# GIT_TAG         the tag, where a tag is built; else empty
# REF             refs/pull/<number>/head where a pull request is built; the branch's own where another one than the project's is, or for a
#                 commit that must be of the branch; empty or not set where none of these matters
# COMMIT          the full commit, or empty for the one that the tag, the branch or the pull request is at
# LATER           true to find the commits after it
# FORKS           not empty to refuse a commit that REF says nothing good of: one that is not of the branch, and of a pull request one that
#                 nobody has named and that no branch is at, which may be of a fork. "named" if such a commit is built where somebody
#                 names it, "never" if not
# RESULTS         folder for the outputs:
#   commit        the full commit
#   newest        true if the tag, the branch or the pull request is at that commit now, else false
#   tag           GIT_TAG
#   later         if LATER, for a commit of the branch that is not the newest: those after it, each in a line; else empty
set -eu

# shellcheck source=components/builds/programs/git-access.sh
. "$(dirname "$0")/git-access.sh"

is_full_commit() {
  case $1 in *[!0123456789abcdef]*) return 1 ;; esac
  [ "${#1}" -eq 40 ]
}

if [ -n "$COMMIT" ] && ! is_full_commit "$COMMIT"; then
  echo "\"$COMMIT\" is not a full commit: give all 40 characters, 0-9 and a-f, or none for the newest one" >&2
  exit 1
fi

# Whoever may make Workflows may write anything there.
REF=${REF:-} FORKS=${FORKS:-} number=
case $REF in
  refs/pull/*/head)
    number=${REF#refs/pull/}
    number=${number%/head}
    case $number in
      '' | 0* | *[!0123456789]* | ???????????*) number=none ;;
    esac
    ;;
  '' | "refs/heads/$BRANCH") ;;
  *) number=none ;;
esac
if [ "$number" = none ] || { [ -n "$REF" ] && [ -n "$GIT_TAG" ]; }; then
  echo "the ref \"$REF\" is not built: give refs/heads/$BRANCH, or another ref that the stack builds, without a tag, or none" >&2
  exit 1
fi

if [ -n "$number" ]; then
  what="pull request $number" kind=--refs ref=$REF
elif [ -n "$GIT_TAG" ]; then
  what="tag $GIT_TAG" kind=--tags ref=refs/tags/$GIT_TAG
else
  what="branch $BRANCH" kind=--heads ref=refs/heads/$BRANCH
fi

# A tag with a message is an object of its own; the server names the commit under it as REF^{}, in the next line.
if ! refs=$(retry git ls-remote "$kind" -- "$REPOSITORY_URL" "$ref" "$ref^{}"); then
  echo "cannot ask $REPOSITORY_URL for its branches and tags: check the address, the token and the network" >&2
  exit 1
fi
# Git takes the name for a pattern, which may match more.
now=$(printf '%s\n' "$refs" | NAME=$ref awk -F '\t' '
  $2 == ENVIRON["NAME"] || $2 == ENVIRON["NAME"] "^{}" { commit = $1 }
  END { print commit }')

commit=${COMMIT:-$now}
if [ -z "$commit" ]; then
  echo "there is no $what in $REPOSITORY_URL: give a commit, or the name of an existing one" >&2
  exit 1
fi

# The commits of the branch after this one; none if it is not in the branch. Only commits are fetched, without files, and
# not more of them than may reasonably be pushed while a build runs.
later_commits() {
  GIT_DIR=$(mktemp -d)
  export GIT_DIR
  git init --quiet --bare "$GIT_DIR"
  retry git fetch --quiet --depth=1000 --filter=tree:0 --no-tags -- "$REPOSITORY_URL" "$now" || return 0
  git merge-base --is-ancestor "$commit" "$now" 2>/dev/null || return 0
  git rev-list "$commit..$now"
}

newest=false later=
if [ "$commit" = "$now" ]; then
  newest=true
elif [ "${LATER:-}" = true ] && [ -z "$GIT_TAG$number" ] && [ -n "$now" ]; then
  later=$(later_commits)
fi

# The code of a fork is its author's alone: nobody of the repository has let it in.
is_at_a_branch() {
  if ! heads=$(retry git ls-remote --heads -- "$REPOSITORY_URL"); then
    echo "cannot ask $REPOSITORY_URL for its branches: check the address, the token and the network" >&2
    exit 1
  fi
  printf '%s\n' "$heads" | grep -q "^${commit}[[:space:]]"
}

# The last line is reported to GitHub, which takes 140 characters.
if [ -n "$FORKS" ] && [ -n "$number" ] && [ -z "$COMMIT" ] && ! is_at_a_branch; then
  if [ "$FORKS" = named ]; then
    echo "refused: no branch is at the pull request's commit, so it may be of a fork: comment \"/test $commit\"" >&2
  else
    echo "refused: no branch is at the pull request's commit, so it may be of a fork: push it to a branch of the repository" >&2
  fi
  exit 1
fi
if [ -n "$FORKS" ] && [ -n "$REF" ] && [ -z "$number" ] && [ "$newest" = false ] && [ -z "$(later_commits)" ]; then
  echo "refused: $commit is not among the last 1000 commits of $what" >&2
  exit 1
fi

printf '%s' "$commit" >"$RESULTS/commit"
printf '%s' "$newest" >"$RESULTS/newest"
printf '%s' "$GIT_TAG" >"$RESULTS/tag"
printf '%s' "$later" >"$RESULTS/later"
if [ "$newest" = true ]; then
  echo "$commit is the newest of $what"
else
  echo "$commit is not the newest of $what, which is ${now:-gone}"
fi
