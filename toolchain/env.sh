# shellcheck shell=bash
# Source this (bash) for a shell in which `pulumi` and a new enough
# `node` run. Installs the toolchain where it is needed.
#   . toolchain/env.sh
# Sets nothing but environment variables and the function
# kvm_mirror_toolchain; its own variables have a prefix, since a script that
# sources this may have readonly ones.
# On a closed site PULUMI_HOME is the one that is set already, or one in the
# per-user cache; the command plugin is linked into it.

kvm_mirror_toolchain() {
  local km_here km_bin km_node
  km_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || return
  km_node=$("$km_here/node.sh") || return
  km_bin=$("$km_here/install.sh") || return
  export PATH="$km_bin:$km_node:$PATH"
  export PULUMI_SKIP_UPDATE_CHECK=true
  # Node keeps compiled code here: about half off the start of every plugin and program.
  export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kvm-mirror/node-compile-cache}"
  local km_home=${km_bin%/bin}/home km_plugin=plugins/resource-command-v1.2.1/pulumi-resource-command
  [ -e "$km_home/$km_plugin" ] || return 0
  # Nothing can be downloaded on a closed site: say so at once instead of trying for long.
  export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
  export PULUMI_HOME="${PULUMI_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/kvm-mirror/pulumi-home}"
  [ "$(readlink "$PULUMI_HOME/$km_plugin")" != "$km_home/$km_plugin" ] || return 0
  mkdir -p "$(dirname "$PULUMI_HOME/$km_plugin")" && ln -sfn "$km_home/$km_plugin" "$PULUMI_HOME/$km_plugin"
}

kvm_mirror_toolchain
