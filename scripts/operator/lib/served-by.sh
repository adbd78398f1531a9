# shellcheck shell=bash
# What the two mirrors of an export group do with it. For scripts with `on MIRROR SCRIPT ARGUMENT...`; needs
# mirror-ssh.sh.

# ask_both GROUP ONE OTHER: sets does, by mirror, to what each says (group-where.sh). Ends the script when both serve
# it.
declare -A does=()
ask_both() {
  local mirror
  for mirror in "$2" "$3"; do does[$mirror]=$(on "$mirror" group-where.sh "$1"); done
  [[ ${does[$2]}/${does[$3]} != serving/serving ]] \
    || fail "group $1 is served by both $2 and $3. See which clients have it open on each, then stop it on one of" \
      "them: group-stop.sh $1"
}
