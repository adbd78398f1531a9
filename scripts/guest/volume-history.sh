#!/usr/bin/env bash
# volume-history.sh VOLUME [first-sync GENERATION [anew] | preloaded CHECKSUM]
#
# What happened once in the life of a volume, by this mirror's records. Lines on stdout:
#   first-sync GENERATION   the generation that had its first synchronisation; 0: none that this mirror knows of
#   new                     it had it here, and nothing was written since
#   exported                clients may have written to it
#   preloaded CHECKSUM      the image that it carries
# With more arguments it records what the other mirror or the operator's state knows. The generation never goes back.
#   anew                    the volume has started anew with GENERATION: earlier records are about data that is gone
# Refuses (3): another image than the one on record. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/history.sh"

[[ $# == 1 || "$*" =~ ^[^\ ]+\ (first-sync\ [1-9][0-9]*(\ anew)?|preloaded\ sha256:[0-9a-f]{64})$ ]] || usage
name_or_usage "$1"
volume=$1
carries=
if [[ -e $record_dir/$volume.preloaded ]]; then carries=$(<"$record_dir/$volume.preloaded"); fi
if [[ $# == 1 ]]; then
  printf 'first-sync %s\n' "$(first_sync_of "$volume")"
  if [[ -e $record_dir/$volume.new && ! -e $record_dir/$volume.exported ]]; then printf 'new\n'; fi
  if [[ -e $record_dir/$volume.exported ]]; then printf 'exported\n'; fi
  if [[ -n $carries ]]; then printf 'preloaded %s\n' "$carries"; fi
  exit 0
fi

take_lock "volume-$volume" 120
case $2 in
  first-sync)
    known=$(first_sync_of "$volume")
    if [[ ${4:-} == anew ]] && ((0 < known && known < $3)); then forget_former "$volume"; fi
    record_first_sync "$volume" "$3"
    ;;
  preloaded)
    [[ -z $carries || $carries == "$3" ]] \
      || refuse "by this mirror's record volume $volume was preloaded with $carries, by the other one's with $3. Look" \
        "at the volume before anything else"
    [[ -n $carries ]] || printf '%s\n' "$3" | write_durably "$record_dir/$volume.preloaded" 0644
    ;;
esac
