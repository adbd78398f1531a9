# shellcheck shell=bash
# Source this (bash) for a shell in which `pulumi` and a new enough `node` run. Installs the toolchain where needed.
#   . toolchain/env.sh
# Sets nothing but environment variables and the function kvm_mirror_toolchain. Its own variables have a prefix, since a
# script that sources this may have readonly ones.
# On a closed site PULUMI_HOME stays as it is, or is one in the per-user cache. The command plugin is linked into it.

kvm_mirror_toolchain() {
  local km_here km_bin km_node
  km_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || return
  km_node=$("$km_here/node.sh") || return
  km_bin=$("$km_here/install.sh") || return
  export PATH="$km_bin:$km_node:$PATH"
  export PULUMI_SKIP_UPDATE_CHECK=true
  # Node keeps compiled code here: about half off the start of every plugin and program.
  export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kvm-mirror/node-compile-cache}"
  local km_cache km_home=${km_bin%/bin}/home km_plugin=plugins/resource-command-v1.2.1/pulumi-resource-command
  km_cache=$(readlink -m "${XDG_CACHE_HOME:-$HOME/.cache}/kvm-mirror") || return
  # An official CLI brings what it needs, whatever stands beside it.
  case $(readlink -m "$km_bin") in "$km_cache"/*) ;; *) return 0 ;; esac
  # Nothing can be downloaded on a closed site: fail at once instead of trying for long.
  export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
  export PULUMI_HOME="${PULUMI_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/kvm-mirror/pulumi-home}"
  local km_link=$PULUMI_HOME/$km_plugin km_there
  km_there=$(readlink -m "$km_link") || return
  [ "$km_there" != "$km_home/$km_plugin" ] || return 0
  # An official plugin in a shared home stays: it does all that ours does.
  if [ -e "$km_link" ] && [ "${km_there#"$km_cache"/}" = "$km_there" ]; then return 0; fi
  mkdir -p "$(dirname "$km_link")" && ln -sfn "$km_home/$km_plugin" "$km_link"
}

kvm_mirror_toolchain
