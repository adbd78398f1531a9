# shellcheck shell=bash
# The running tgtd: all that it has is read at once, and all that changes is told to it by one shell, because clients
# may be waiting. Its own tgt-admin reads everything anew for each target.

# A tgtd that hangs is one that failed.
tgtadm() { timeout 15 tgtadm "$@"; }

# Of each target, by its IQN: its number; the devices that it has open; their serial number and size (MB of 1,000,000
# bytes, as tgtadm says it); the addresses that it admits; its connections, "SESSION:CONNECTION". Words, with a blank
# after each.
declare -A tid_of=() stores=() serial_of=() size_of=() admits=() connections=()

# What was read counts while knows_tgtd: a tgtd that was started since gives the numbers anew.
known_inode=none

# knows_tgtd: they were set, once, by a tgtd that still runs. Whoever uses them forgets them (known_inode=none).
knows_tgtd() {
  local inode
  tgtd_listens && [[ $inode == "$known_inode" ]]
}

# read_tgtd: sets them, and highest_tid. 1 when tgtd does not answer.
# shellcheck disable=SC2034  # the result
read_tgtd() {
  local inode shown line number iqn='' session='' serial='' size='' acl=no IFS=$'\n' -
  tid_of=() stores=() serial_of=() size_of=() admits=() connections=() highest_tid=0
  tgtd_listens || return 1
  shown=$(exec timeout 15 tgtadm --lld iscsi --op show --mode target) || return 1
  set -f
  for line in $shown; do
    case $line in
      'Target '*)
        line=${line#Target } iqn=${line#*: } number=${line%%: *} acl=no
        tid_of[$iqn]=$number stores[$iqn]='' admits[$iqn]='' connections[$iqn]=''
        ((highest_tid >= number)) || highest_tid=$number
        ;;
      *'I_T nexus: '*) session=${line##*: } ;;
      *'Connection: '*) connections[$iqn]+="$session:${line##*: } " ;;
      *'SCSI SN: '*) serial=${line##*: } ;;
      *' Size: '*' MB,'*) size=${line#*Size: } size=${size%% *} ;;
      *'Backing store path: /'*)
        stores[$iqn]+="${line##*: } " serial_of[$iqn]=${serial%% *} size_of[$iqn]=$size
        ;;
      '    ACL information:') acl=yes ;;
      '        '*) if [[ $acl == yes ]]; then admits[$iqn]+="${line##* } "; fi ;;
    esac
  done
  known_inode=$inode
}

# in_tgtd COMMAND...: tells tgtd; each COMMAND is what follows "tgtadm --lld iscsi --op", quoted for a shell. 1 when
# tgtd refuses one; those behind it are not told then.
in_tgtd() {
  local commands
  (($# > 0)) || return 0
  printf -v commands 'tgtadm --lld iscsi --op %s </dev/null\n' "$@"
  timeout "$((15 + $#))" sh -e <<<"$commands"
}
