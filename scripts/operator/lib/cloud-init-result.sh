# shellcheck shell=bash
# Runs on a new machine (by ssh, from stdin): waits up to 30 s for cloud-init's end. The last line is the verdict:
# "ready", "running", or "failed" after the errors. result.json appears when the last stage has ended; reading it costs
# nothing, while each `cloud-init status` starts a Python program on a machine that is busy enough.
export LC_ALL=C
# A mirror that was set up and has booted since then: settle-boot.sh had the first boot's result before it.
if [ -e /etc/cloud/cloud-init.disabled ]; then
  echo ready
  exit
fi
result=/run/cloud-init/result.json
for _ in $(seq 60); do
  if [ -e "$result" ]; then break; fi
  sleep 0.5
done
if [ ! -e "$result" ]; then
  echo running
elif python3 -c 'import json, sys; sys.exit(bool(json.load(open(sys.argv[1]))["v1"]["errors"]))' "$result"; then
  echo ready
else
  cat "$result"
  echo
  sudo -n tail -n 40 /var/log/cloud-init-output.log
  echo failed
fi
