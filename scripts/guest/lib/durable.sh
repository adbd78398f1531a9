# shellcheck shell=bash
# Small files that must be whole or absent, also after a power cut.

# Records of what was done to volumes on this mirror: VOLUME.new, .exported, .preloading, .preloaded, .metadata, .disk,
# .first-sync
# shellcheck disable=SC2034  # for the scripts that source this file
readonly record_dir=/var/lib/kvm-mirror

# write_durably PATH MODE: stdin becomes PATH by rename, on disk when this returns.
write_durably() {
  local path=$1 mode=$2 temporary
  mkdir -p "${path%/*}" && temporary=$(mktemp "${path%/*}/.${path##*/}.XXXXXX") || return 1
  if ! { cat >"$temporary" && chmod "$mode" "$temporary" && sync "$temporary" && mv -T "$temporary" "$path"; }; then
    rm -f "$temporary"
    return 1
  fi
  sync "${path%/*}"
}
