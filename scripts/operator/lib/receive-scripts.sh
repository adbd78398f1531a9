# shellcheck shell=bash
# Runs on a KVM host (on-host.sh sends it): LENGTH SCRIPT ARGUMENT... The first LENGTH bytes of stdin are a tar archive
# of scripts/host; the rest is the script's own stdin. head reads exactly as many bytes as it is told.
set -eu
export LC_ALL=C
# By this name at-work.sh knows a script that came so.
folder=$(mktemp -d -t kvm-mirror.XXXXXXXXXX)
trap 'rm -rf "$folder"' EXIT
head -c "$1" | tar -C "$folder" -xzf -
script=$2
shift 2
status=0
bash "$folder/$script" "$@" || status=$?
exit "$status"
