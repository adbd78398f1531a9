# shellcheck shell=bash
# What our OCF resource agents have in common: each is about one export group. Needs group.sh.
# shellcheck disable=SC2034  # group: for the agents

# agent_meta_data NAME SHORT LONG: the agent's description of itself.
agent_meta_data() {
  cat <<XML
<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="$1" version="1.0">
<version>1.0</version>
<longdesc lang="en">$3</longdesc>
<shortdesc lang="en">$2</shortdesc>
<parameters>
<parameter name="group" unique="1" required="1">
<longdesc lang="en">Name of the group: /etc/kvm-mirror/GROUP.env describes it.</longdesc>
<shortdesc lang="en">Group</shortdesc>
<content type="string"/>
</parameter>
</parameters>
<actions>
<action name="start" timeout="60s"/>
<action name="stop" timeout="60s"/>
<action name="monitor" timeout="60s" interval="10s"/>
<action name="meta-data" timeout="5s"/>
<action name="validate-all" timeout="20s"/>
</actions>
</resource-agent>
XML
}

# failed_because WORDS: why, for the log and for what the cluster shows (crm_mon).
failed_because() {
  say "group $group: $*"
  printf 'ocf-exit-reason:%s\n' "$*" >&2
}

# agent_group ACTION: loads the group of OCF_RESKEY_group. Ends the agent where there is none.
agent_group() {
  group=${OCF_RESKEY_group:-}
  [[ $group =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ ]] || {
    say "the parameter group is missing, or is not the name of a group"
    exit 2
  }
  # A mirror without the group's files: nothing runs here, and nothing can be started.
  if [[ ! -r /etc/kvm-mirror/$group.env ]]; then
    case $1 in monitor) exit 7 ;; stop) exit 0 ;; *) exit 6 ;; esac
  fi
  load_group "$group"
}
