# shellcheck shell=bash
# ufw of a KVM host.

# ufw_is_active: 1 when there is nothing to change; it says why.
ufw_is_active() {
  local status
  command -v ufw >/dev/null || {
    say "ufw is not installed on $(uname -n): nothing to change"
    return 1
  }
  status=$(as_root ufw status) || fail "ufw status failed; its error message is above"
  [[ $status == 'Status: active'* ]] || {
    say "ufw is not active on $(uname -n): nothing to change"
    return 1
  }
}

# rule_for PORT: the rule that lets the host out to it, as ufw shows added rules; empty if there is none.
rule_for() { as_root ufw show added | grep -E "^ufw allow out $1/tcp( comment .*)?$" || true; }

# is_ours RULE: ufw-allow.sh made it.
is_ours() { [[ $1 == *"comment 'kvm-mirror'"* ]]; }
