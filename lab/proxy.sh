#!/usr/bin/env bash
# proxy.sh STATE [PREFIX]: lets the lab's guests install Debian packages through http://10.30.0.1:3142, and reach nothing else outside. Runs until it is ended.
# That address exists in the operator's network namespace only. Connections go from there over a Unix socket, which network namespaces do not separate,
# to a tinyproxy on this machine's loopback address. tinyproxy allows the servers that this machine's own apt uses, no others.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
readonly here state=$1 prefix=${2:-kvm} port=${3:-}
readonly directory="$state/proxy"

if [[ -z $port ]]; then # first, in the machine's network
  mkdir -p "$directory"
  while free=$((20000 + RANDOM % 10000)); (exec 3<>"/dev/tcp/127.0.0.1/$free") 2>/dev/null; do :; done
  exec 8</proc/self/ns/net
  exec ip netns exec "$prefix-operator" bash "$here/proxy.sh" "$state" "$prefix" "$free"
fi

# Becomes a process back in the machine's network. The kernel ends it when this script ends, however that happens.
outside() { # USER GROUP COMMAND…
  exec nsenter --net=/proc/self/fd/8 setpriv --reuid "$1" --regid "$2" --clear-groups --pdeathsig KILL "${@:3}"
}

bash "$here/apt-sources.sh" --hosts | sed 's/[.]/\\./g; s/.*/^&$/' >"$directory/hosts"
upstream='' value=''
eval "$(apt-config shell value Acquire::http::Proxy)" # apt-config quotes for the shell: value='…', or nothing
if [[ $value =~ ^http://([^/]+)/?$ ]]; then upstream="Upstream http ${BASH_REMATCH[1]}"; fi
cat >"$directory/tinyproxy.conf" <<CONF
Listen 127.0.0.1
Port $port
Allow 127.0.0.1
Timeout 120
MaxClients 64
DisableViaHeader Yes
ConnectPort 443
Filter "/proc/self/fd/4"
FilterType ere
FilterDefaultDeny Yes
LogLevel Warning
$upstream
CONF

# By descriptor, because the user nobody may not be able to walk to these files.
outside nobody nogroup tinyproxy -d -c /proc/self/fd/3 3<"$directory/tinyproxy.conf" 4<"$directory/hosts" &
rm -f "$directory/socket"
outside root root socat "UNIX-LISTEN:$directory/socket,fork,mode=0600" "TCP:127.0.0.1:$port" &
socat TCP-LISTEN:3142,bind=10.30.0.1,reuseaddr,fork "UNIX-CONNECT:$directory/socket" &
wait -n # any of the three has ended: the others are of no use
exit 1
