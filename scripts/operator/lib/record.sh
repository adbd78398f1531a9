# shellcheck shell=bash
# Records of what `pulumi up` and `pulumi destroy` do to groups, on both mirrors (leave-record.sh). Needs mirror-ssh.sh.
# shellcheck disable=SC2154  # program is set there

# pulumi_words: prints "pulumi up", "pulumi destroy" or just "pulumi", by the process that has this script run. Nothing
# else of its command line: it may hold a secret.
pulumi_words() {
  local pid=$$ parent name words word
  while ((pid > 1)) && parent_of "$pid"; do
    pid=$parent
    { read -r name <"/proc/$pid/comm"; } 2>/dev/null || break
    [[ $name == pulumi ]] || continue
    mapfile -d '' -t words <"/proc/$pid/cmdline"
    for word in "${words[@]:1}"; do
      case $word in up | update | destroy | refresh) printf 'pulumi %s' "$word" && return ;; esac
    done
    break
  done
  printf 'pulumi'
}

# record_on TEXT TARGET HOSTKEY TARGET HOSTKEY: the mirrors get a record that this script begins with TEXT, and at its
# end one of how it ended. The work waits for neither; the end of the script does, for 15 s at most.
record_on() {
  record_text="$(pulumi_words): $program $1" recorded_on=("${@:2}")
  record_id=$(od -An -N4 -tx4 /dev/urandom)
  record_id="${record_id// /} ${SUDO_USER:-$(id -un)}@$(uname -n)"
  leave_record begins &
  record_begun=$!
  trap 'record_end "$?"' EXIT
}
record_end() {
  wait "$record_begun" || true
  case $1 in 0) leave_record 'done' ;; 3) leave_record refused ;; *) leave_record failed ;; esac
}
# leave_record WORD: mirrors that do not take it have been named.
leave_record() {
  KVM_MIRROR_CONNECT_TIMEOUT=5 KVM_MIRROR_SILENCE=6 timeout 15 bash "${BASH_SOURCE[0]%/*}/../leave-record.sh" \
    "${recorded_on[@]}" <<<"$record_id $1: $record_text" >&2 || true
}
