# shellcheck shell=bash
# What people are told by (notify.sh), and how that goes.
# shellcheck disable=SC2034  # for the scripts that load this

readonly notify_unit=kvm-mirror-notify.service
# Holds secrets; notify_settings.py reads it.
readonly notify_settings=/etc/kvm-mirror/monitoring/notify.json
# notify.py writes there.
readonly notify_state=/run/kvm-mirror/notify
readonly notify_alive=$notify_state/alive
# Seconds without a look after which it counts as dead: many looks, and more than a service takes to start anew.
readonly notify_silence=60

# notify_document_whole: whether the document on stdin is JSON that says a stack and a way.
notify_document_whole() {
  python3 -BEsSc '
import json, sys
given = json.load(sys.stdin)
sys.exit(not (isinstance(given.get("stack"), str) and ("webhook" in given or "mail" in given)))' 2>/dev/null
}

# find_notify_json: sets json: null where nobody is to be told, else whether the service looks, and how delivery goes.
# Starts no process.
find_notify_json() {
  local at=0 channels='[]' alive=false
  json=null
  [[ -e $notify_settings ]] || return 0
  { read -r at <"$notify_alive"; } 2>/dev/null || true
  if [[ $at =~ ^[0-9]+$ ]] && ((EPOCHSECONDS - at <= notify_silence)); then alive=true; fi
  { IFS= read -r channels <"$notify_state/delivery.json"; } 2>/dev/null || true
  json="{\"alive\":$alive,\"channels\":${channels:-[]}}"
}
