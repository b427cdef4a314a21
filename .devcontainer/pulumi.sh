#!/bin/sh
# Installs the Pulumi command of .pulumi.version in ~/.pulumi/bin, if its checksum is the published one.
set -eu

version=$(cat .pulumi.version)
case $(uname -m) in
  x86_64) machine=x64 ;;
  aarch64) machine=arm64 ;;
  *)
    echo "Pulumi has no command for a machine of $(uname -m)." >&2
    exit 1
    ;;
esac
archive=pulumi-v$version-linux-$machine.tar.gz
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for file in "$archive" "pulumi-$version-checksums.txt"; do
  curl --fail --silent --show-error --location --output "$folder/$file" "https://get.pulumi.com/releases/sdk/$file"
done
(cd "$folder" && sha256sum --check --ignore-missing --quiet "pulumi-$version-checksums.txt")
mkdir -p "$HOME/.pulumi/bin"
tar --extract --gzip --file "$folder/$archive" --directory "$HOME/.pulumi/bin" --strip-components 1
