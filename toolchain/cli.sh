#!/usr/bin/env bash
# Prints the path of a pulumi CLI built from its Go modules: pulumi/go.mod pins them, pulumi/go.sum verifies what is
# downloaded. Builds it in the per-user cache where it is missing: about 5 minutes on 2 cores, 1.5 GB of memory.
#   cli.sh
set -euo pipefail

SCRIPT=cli.sh
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=toolchain/cache.sh
. "$here/cache.sh"

module=github.com/pulumi/pulumi/pkg/v3
version=$(awk -v module="$module" '$1 == module { print $2 }' "$here/pulumi/go.mod")
flags=(-mod=readonly -trimpath -buildvcs=false -p 2
  -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version")

# Cold, go compiles this many packages (counted for v3.259.0).
packages=1690
log=

compiled() {
  printf '%s of about %s packages compiled' "$(grep -vc '^go: ' "$log" || true)" "$packages"
}

build() {
  cd "$here/pulumi" \
    && go build -v "${flags[@]}" -o "$1/pulumi" "$module/cmd/pulumi" \
    && "$1/pulumi" version
}

command -v go >/dev/null || {
  say "go is not on PATH. It builds the Pulumi CLI $version. Install it, or put the official pulumi on PATH"
  exit 1
}
# Since 1.21 Go fetches, as a module, the version that go.mod asks for.
goversion=$(go env GOVERSION)
if [[ ! $goversion =~ ^go1\.([0-9]+) ]] || ((BASH_REMATCH[1] < 21)); then
  say "$goversion is too old to build the Pulumi CLI $version. Put Go 1.21 or newer, or the official pulumi, on PATH"
  exit 1
fi
cache=$(cache_root)
key=$(content_key "$here" pulumi/go.mod pulumi/go.sum < <(go env GOVERSION GOOS GOARCH && printf '%s\n' "${flags[@]}"))
dest=$cache/pulumi-$version-$key
log=$cache/log/pulumi-build.log
mkdir -p "$cache/log"
if [ ! -d "$dest" ]; then
  build_once "$dest" logged "$log" "building the Pulumi CLI $version" compiled build
fi
printf '%s\n' "$dest/pulumi"
