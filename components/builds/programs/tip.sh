#!/bin/sh
# Asks the git server which commit to build, and whether it is the newest. Needs no workspace.
#
# REPOSITORY_URL  the repository
# TOKEN_FILE      file with a token that may read it; empty or unset if it is public
# BRANCH          the project's branch, or another branch that is built
# GIT_TAG         the Git tag that is built; empty if none is
# REF             refs/pull/<number>/head to build a pull request; refs/heads/<BRANCH> to build another branch than the
#                 project's, or a commit that must be on the branch; empty or unset otherwise
# COMMIT          the full commit; empty for the current one of the tag, the branch or the pull request
# LATER           true to list the commits after it
# FORKS           not empty to refuse commits that may be of a fork: a commit that is not on the branch in REF, and the
#                 newest commit of a pull request, if COMMIT is empty and no branch is at that commit. "named" if a
#                 comment that names such a commit has it built, "never" if not
# RESULTS         folder for the outputs:
#   commit        the full commit
#   newest        true if the tag, the branch or the pull request is at that commit now, else false
#   tag           GIT_TAG
#   later         if LATER is true, the commits after it on the branch, one in a line; empty for the newest
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

# Anyone who may create Workflows can put any text there.
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

# An annotated tag is an object of its own. The server lists its commit as REF^{} in the next line.
if ! refs=$(retry git ls-remote "$kind" -- "$REPOSITORY_URL" "$ref" "$ref^{}"); then
  echo "cannot ask $REPOSITORY_URL for its branches and tags: check the address, the token and the network" >&2
  exit 1
fi
# git takes the name as a pattern, which may match other refs too.
now=$(printf '%s\n' "$refs" | NAME=$ref awk -F '\t' '
  $2 == ENVIRON["NAME"] || $2 == ENVIRON["NAME"] "^{}" { commit = $1 }
  END { print commit }')

commit=${COMMIT:-$now}
if [ -z "$commit" ]; then
  echo "there is no $what in $REPOSITORY_URL: give a commit, or the name of an existing one" >&2
  exit 1
fi

# Prints the commits of the branch after this one, or nothing if it is not on the branch. Fetches commits only, without
# files, and no more than may reasonably be pushed while a build runs.
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

# A commit that no branch is at may be of a fork, whose code nobody with access to the repository has accepted.
is_at_a_branch() {
  if ! heads=$(retry git ls-remote --heads -- "$REPOSITORY_URL"); then
    echo "cannot ask $REPOSITORY_URL for its branches: check the address, the token and the network" >&2
    exit 1
  fi
  printf '%s\n' "$heads" | grep -q "^${commit}[[:space:]]"
}

# The last line is reported to GitHub, which allows 140 characters.
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
