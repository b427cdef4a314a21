#!/bin/sh
# Sourced by the scripts that ask the API server, as the account of their pod.
#
# NAMESPACE       of the objects that are asked for
# ACCOUNT         folder with the service account's token and ca.crt; that of the pod if not set
# KUBERNETES_API  address of the API server; that of the cluster if not set

: "${ACCOUNT:=/var/run/secrets/kubernetes.io/serviceaccount}" "${KUBERNETES_API:=https://kubernetes.default.svc}"
argo=$KUBERNETES_API/apis/argoproj.io/v1alpha1/namespaces
workflows=$argo/$NAMESPACE/workflows

# shellcheck source=components/builds/programs/http.sh
. "$(dirname "$0")/http.sh"

# Asks once more while the server is away or busy, or when the object was changed at the same time.
kubernetes() {
  try=1
  while :; do
    ask 'authorization: Bearer ' "$ACCOUNT/token" --cacert "$ACCOUNT/ca.crt" --max-time 20 "$@"
    case $code in
      2*) return 0 ;;
      000 | 409 | 429 | 5*) [ "$try" -lt 4 ] || return 1 ;;
      *) return 1 ;;
    esac
    sleep "$try"
    try=$((try + 1))
  done
}

# patch WORKFLOW JSON  Of the answer only the Workflow's metadata: the rest may be large.
patch() {
  kubernetes --request PATCH --header 'content-type: application/merge-patch+json' \
    --header "accept: application/yaml;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" --data-binary "$2" "$workflows/$1"
}
