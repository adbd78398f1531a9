# shellcheck shell=bash
# Source this, with say.sh: one lab at a time on this machine. Wants $here (lab/).
# shellcheck disable=SC2154 # set there

# make_way STATE: the lab of another clone, with its files in STATE, is in nobody's way when nothing of it runs.
make_way() {
  bash "$here/hosts.sh" release 2>/dev/null \
    || fail "another clone's lab is up: its state is in $1. End that one first: \`npm run lab:down\` there"
  say "nothing runs of another clone's lab. Its state stays in $1"
}
