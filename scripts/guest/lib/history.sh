# shellcheck shell=bash
# What happened once in the life of a volume, on record on both mirrors, because either may lose its OS disk.

# first_sync_of VOLUME: the generation of the volume that had its first synchronisation; 0: none that this mirror knows
# of. A mirror that is older than this record knows it by later records. (Not by VOLUME.new: that is there before the
# first synchronisation begins.)
# shellcheck disable=SC2154  # base.sh sets record_dir
first_sync_of() {
  local known=0 trace
  for trace in exported preloaded preloading; do if [[ -e $record_dir/$1.$trace ]]; then known=1; fi; done
  if [[ -e $record_dir/$1.first-sync ]]; then known=$(<"$record_dir/$1.first-sync"); fi
  printf '%s\n' "$known"
}

# record_first_sync VOLUME GENERATION: never back to an earlier one.
record_first_sync() {
  local known
  known=$(first_sync_of "$1")
  if ((known < $2)); then known=$2; fi
  printf '%s\n' "$known" | write_durably "$record_dir/$1.first-sync" 0644
}

# forget_former VOLUME: removes the records about data that is gone, because a later generation of the volume has begun.
forget_former() {
  rm -f "$record_dir/$1.exported" "$record_dir/$1.preloaded" "$record_dir/$1.preloading" "$record_dir/$1.new"
}
