# shellcheck shell=bash
# Documents of several files: a line "==> PATH MODE" begins a file; the lines up to the next such line are its content.
# Needs durable.sh.

# take_apart WORK: the document on stdin. WORK/N holds the content of the file that line N of WORK/index names ("PATH
# MODE FIELDS").
take_apart() {
  awk -v work="$1" '
    /^==> / { n++; print $2, $3, NF > (work "/index"); printf "" > (work "/" n); next }
    !n { exit 1 }
    { print > (work "/" n) }' || refuse "the document does not begin with a line '==> PATH MODE'"
  [[ -s $1/index ]] || refuse "the document on stdin is empty"
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
