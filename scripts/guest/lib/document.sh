# shellcheck shell=bash
# Documents of several files: a line "==> PATH MODE" begins a file; the lines up to the next such line are its content.

# take_apart WORK: the document on stdin. WORK/N holds the content of the file that line N of WORK/index names ("PATH
# MODE FIELDS").
take_apart() {
  awk -v work="$1" '
    /^==> / { n++; print $2, $3, NF > (work "/index"); printf "" > (work "/" n); next }
    !n { exit 1 }
    { print > (work "/" n) }' || refuse "the document does not begin with a line '==> PATH MODE'"
  [[ -s $1/index ]] || refuse "the document on stdin is empty"
}

# read_document WORK KIND PATHS LIST: the document on stdin, of a KIND (a group, a cluster), whose files are those that
# the regular expression PATHS matches. For each path `content` has the file below WORK with its content, and `mode` its
# permissions. Refuses another path or mode, a path that is there twice, and a file that a group has on record; LIST,
# the record of the group whose document this is, counts as its own.
# shellcheck disable=SC2034,SC2154  # read by the caller; of base.sh
read_document() {
  local number=0 path permissions fields record
  declare -gA content=() mode=()
  take_apart "$1"
  while read -r path permissions fields; do
    number=$((number + 1))
    [[ $fields == 3 && $permissions =~ ^0?(400|600|640|644)$ ]] \
      || refuse "line '==> $path $permissions': expected a path and a mode 0400, 0600, 0640 or 0644"
    [[ $path =~ $3 ]] || refuse "$path is no file of a $2"
    [[ -z ${mode[$path]:-} ]] || refuse "$path is in the document twice"
    for record in "$record_dir"/groups/*.files; do
      if [[ -e $record && $record != "$4" ]] && grep -qxF "$path" "$record"; then
        refuse "$path belongs to group $(basename "$record" .files)"
      fi
    done
    mode[$path]=$permissions content[$path]=$1/$number
  done <"$1/index"
}

# install_part CONTENT PATH MODE: PATH becomes what CONTENT holds, whole, by rename. $installed says whether it was
# another before.
# shellcheck disable=SC2034  # read by the caller
install_part() {
  installed=no
  (umask 022 && mkdir -p "${2%/*}")
  if cmp -s "$1" "$2"; then
    chmod "$3" "$2"
  else
    write_durably "$2" "$3" <"$1"
    say "installed $2"
    installed=yes
  fi
}
