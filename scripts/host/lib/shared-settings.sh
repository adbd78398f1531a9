# shellcheck shell=bash
# Settings of a KVM host that several stacks use. Each stack notes that it does; the last one that goes undoes them.
# Needs say.sh and as-root.sh.

shared_settings=${KVM_MIRROR_SHARED:-/var/lib/kvm-mirror/shared}
# Stands for a stack of an earlier version, which noted nothing.
unnamed=unnamed

# owner_or_usage OWNER: `<project>/<stack>`.
owner_or_usage() { [[ ${1:-} =~ ^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || usage; }

# one_at_a_time: two stacks may be brought up at once.
one_at_a_time() {
  as_root install -d -m 0755 "$shared_settings"
  exec 8<"$shared_settings"
  flock -w 60 8 || fail "another script has been changing settings of $(uname -n) for a minute"
}

# note_user SETTING OWNER
note_user() {
  as_root install -d -m 0755 "$shared_settings/$1"
  as_root touch "$shared_settings/$1/${2//\//,}"
}

# note_earlier SETTING: it is there, and no stack is noted: a stack of an earlier version uses it.
note_earlier() { [[ -n $(users_of "$1") ]] || note_user "$1" "$unnamed"; }

# forget_user SETTING OWNER
forget_user() { as_root rm -f "$shared_settings/$1/${2//\//,}"; }

# users_of SETTING: comma separated.
users_of() {
  local file users=''
  for file in "$shared_settings/$1"/*; do
    if [[ -e $file ]]; then
      file=${file##*/}
      users+=${users:+, }${file/,//}
    fi
  done
  printf '%s' "${users/$unnamed/a stack that does not say its name (of an earlier version)}"
}
