# shellcheck shell=bash
# Source this (bash) for a shell in which `pulumi` and a new enough `node` run. Installs the toolchain where it is needed.
#   . toolchain/env.sh
# On a closed site PULUMI_HOME is the one that is set already, or one in the per-user cache; the command plugin is linked into it.

kvm_mirror_toolchain() {
	local here bin node
	here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || return
	node=$("$here/node.sh") || return
	bin=$("$here/install.sh") || return
	export PATH="$bin:$node:$PATH"
	export PULUMI_SKIP_UPDATE_CHECK=true
	# Node keeps compiled code here: a third off the start of every plugin and program.
	export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kvm-mirror/node-compile-cache}"
	local home=${bin%/bin}/home plugin=plugins/resource-command-v1.2.1/pulumi-resource-command
	[ -e "$home/$plugin" ] || return 0
	# Nothing can be downloaded on a closed site: say so at once instead of trying for long.
	export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
	export PULUMI_HOME="${PULUMI_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/kvm-mirror/pulumi-home}"
	[ "$(readlink "$PULUMI_HOME/$plugin")" != "$home/$plugin" ] || return 0
	mkdir -p "$(dirname "$PULUMI_HOME/$plugin")" && ln -sfn "$home/$plugin" "$PULUMI_HOME/$plugin"
}

kvm_mirror_toolchain
