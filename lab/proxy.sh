#!/usr/bin/env bash
# proxy.sh start STATE [PREFIX]   starts the proxy, if it does not run, and waits until it answers
# proxy.sh run STATE [PREFIX]     runs it, until it is ended
# Lets the lab's guests install Debian packages through http://10.30.0.1:3142, and reach nothing else outside. That
# address exists in the operator's network namespace only. From there connections go over a Unix socket, which network
# namespaces do not separate, to a tinyproxy on this machine's loopback address. tinyproxy allows the servers that this
# machine's own apt uses, and no others.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
readonly here command=$1 state=$2 prefix=${3:-kvm} port=${4:-}
readonly directory="$state/proxy"

listening() { [[ -n $(ip netns exec "$prefix-operator" ss --no-header --listening --tcp 'src 10.30.0.1:3142') ]]; }

if [[ $command = start ]]; then
  mkdir -p "$directory"
  if listening; then exit; fi
  setsid bash "$0" run "$state" "$prefix" </dev/null >"$directory/log" 2>&1 &
  for ((tries = 0; tries < 50; tries++)); do
    if listening; then exit; fi
    sleep 0.1
  done
  printf 'proxy.sh: no proxy listens after 5 s. Its log:\n' >&2
  cat "$directory/log" >&2
  exit 1
fi

if [[ -z $port ]]; then # first, in the machine's network
  while
    free=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$free") 2>/dev/null
  do :; done
  exec 8</proc/self/ns/net
  exec ip netns exec "$prefix-operator" bash "$here/proxy.sh" run "$state" "$prefix" "$free"
fi

# Moves this process back into the machine's network. The kernel ends it when this script ends, however that happens.
outside() { # USER GROUP COMMAND…
  exec nsenter --net=/proc/self/fd/8 setpriv --reuid "$1" --regid "$2" --clear-groups --pdeathsig KILL "${@:3}"
}

trap 'trap - TERM; kill -TERM $(jobs -p) 2>/dev/null; wait; exit 0' TERM

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
wait -n || true
exit 1 # one of the three has ended; the others are useless without it, and end with this script
