# shellcheck shell=bash
# TCP keepalive of a KVM host, in a file of its own. The file's first lines remember what held before.

keepalive_file=/etc/sysctl.d/60-kvm-mirror-keepalive.conf
# shellcheck disable=SC2034 # for the scripts that read this file
keepalive_keys=(net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes)

# remembered KEY: what it was before this program set it; empty when that is unknown.
remembered() { [[ ! -e $keepalive_file ]] || sed -n "s/^# before: $1 = //p" "$keepalive_file"; }
# chosen KEY: what the file sets it to.
chosen() { [[ ! -e $keepalive_file ]] || sed -n "s/^$1 = //p" "$keepalive_file"; }
