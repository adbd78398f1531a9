#!/usr/bin/env bash
# Functions for files in directory pools, put between the prelude and the scripts that need them.
#
# A file appears under its name only when it is complete: it grows as `.NAME.partial`, locked by the process that works
# on it, and is then linked to its name.
# Beside the pools, marks tell whose a file is: lines `owner=`, `resource=`, `file=` (inode and time of birth of the
# very file, so that a mark does not pass to another file of that name).
set -euo pipefail

mark_of() { printf '/var/lib/libvirt/kvm-mirror/%s/%s\n' "$1" "$2"; } # POOL NAME

identity_of() { stat --format '%i %.W' -- "$1"; } # FILE: inode numbers alone are used again at once

partial_of() { printf '%s/.%s.partial\n' "$1" "$2"; } # DIR NAME

# Opens the partial file, empty and locked. What an interrupted run left there is dropped.
begin_partial() { # PARTIAL
  local partial=$1
  while :; do
    exec 9>>"$partial"
    if ! flock --nonblock 9; then
      status "waits for another process that writes $partial"
      flock --timeout 600 9 || fail "$partial is still being written by another process after 10 minutes"
    fi
    # Whoever held the lock may have removed the file meanwhile.
    [[ "$partial" -ef /proc/self/fd/9 ]] && break
  done
  undo+=("$partial")
  : >"$partial"
}

# The document's lines owner=, resource= and content= (of a seed: sha256 of what went into it), then file=, then more.
write_mark() { # POOL NAME FILE [LINE...]
  local mark
  mark=$(mark_of "$1" "$2")
  mkdir -p "${mark%/*}"
  {
    document | grep -E '^(owner|resource|content)='
    printf '%s\n' "file=$(identity_of "$3")" "${@:4}"
  } >"$mark.new"
  sync "$mark.new"
  mv -fT -- "$mark.new" "$mark"
}

# Gives the complete partial file its name. MODE new: refuses when there
# is such a file; replace: takes its place at once.
publish() { # POOL DIR NAME MODE [LINE-OF-MARK...]
  local partial step kept=()
  partial=$(partial_of "$2" "$3")
  sync "$partial"
  write_mark "$1" "$3" "$partial" "${@:5}"
  if [[ $4 = new ]]; then
    ln -T -- "$partial" "$2/$3" || fail "$2/$3 appeared meanwhile: nothing was changed, run again"
    rm -f -- "$partial"
  else
    mv -fT -- "$partial" "$2/$3"
  fi
  # From here on a file of this name is somebody else's.
  for step in "${undo[@]}"; do [[ $step = "$partial" ]] || kept+=("$step"); done
  undo=("${kept[@]}")
  sync "$2"
  refresh_pool "$1"
}

# Bytes that a guest sees.
virtual_size() { # FORMAT FILE
  if [[ $1 = qcow2 ]]; then
    # Bytes 24 to 31 of the header, big-endian.
    printf '%d\n' "0x$(od -An -v -t x1 -j 24 -N 8 -- "$2" | tr -d ' \n')"
  else
    stat --format %s -- "$2"
  fi
}

# Bytes for people: 1.5 GiB.
human() { numfmt --to=iec-i --suffix=B --format='%.1f' "$1"; } # BYTES

# Gives FILE, which is or becomes NAME, blocks for BYTES bytes; its size and what it holds
# stay. One at a time in a pool, so that what was found free is free.
# Only by the file system's own means: the C library's way round writes zeros, beside a domain that may be writing.
allocate() { # POOL DIR NAME FILE BYTES
  local have free seen lock
  exec {lock}<"$2"
  flock --timeout 600 "$lock" || fail "another process has been allocating space in pool $1 for 10 minutes"
  have=$(($(stat --format '%b' -- "$4") * 512))
  if ((have < $5)); then
    free=$(df --block-size=1 --output=avail -- "$2" | tail -n 1)
    (($5 - have <= free)) \
      || fail "pool $1 ($2) has $(human "$free") free, and $3 needs $(human $(($5 - have))) more to have all of its" \
        "$(human "$5"): nothing was changed. Make room there, make the volume smaller, or have it take space only as" \
        "it is written (provisioning: thin of the volume in the stack file; when the pool then runs full, the mirror" \
        "and what it serves stop)"
    status "allocates $(human "$5") for $3"
    seen=$(fallocate --keep-size --length "$5" -- "$4" 2>&1) \
      || fail "the space of $3 in pool $1 could not be allocated: ${seen##*: }. Where the pool's file system cannot" \
        "do it at all, have the volume take space as it is written: provisioning: thin in the stack file, and watch" \
        "the pool's free space"
  fi
  exec {lock}<&-
}

# Makes libvirt look at the directory again. It refuses while it copies a volume of the pool by itself.
refresh_pool() { # POOL
  local deadline=$((SECONDS + 600)) seen
  while ! seen=$(virsh pool-refresh "$1" 2>&1 >/dev/null); do
    if [[ $seen != *"asynchronous jobs"* ]] || ((SECONDS >= deadline)); then fail "${seen##*error: }"; fi
    status "waits for libvirt to finish a copy in pool $1"
    sleep 1
  done
}

# Names of the running domains that have the file open as a disk, with the target: lines `DOMAIN<TAB>TARGET`.
users_of() { # PATH
  local domain
  virsh list --name | while IFS= read -r domain; do
    [[ -n $domain ]] || continue
    # A domain that ended between the two calls uses nothing.
    { virsh domblklist "$domain" --details 2>/dev/null || true; } | awk -v path="$1" -v domain="$domain" '
      { source = $0; sub(/^ *[^ ]+ +[^ ]+ +[^ ]+ +/, "", source); sub(/ +$/, "", source) }
      source == path { print domain "\t" $3 }'
  done
}
