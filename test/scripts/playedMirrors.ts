import { resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { Machine } from "./machine.ts";

const repository = resolve(import.meta.dirname, "../..");

/** Addresses of the two played mirrors, as ssh targets. */
export const [a, b] = ["root@127.0.0.1", "root@127.0.0.2"] as const;

export interface PlayedMirrors {
  readonly machine: Machine;
  /** Host key of both. */
  readonly hostKey: () => string;
  /** Runs a script of scripts/operator. */
  readonly run: (script: string, args: readonly string[], environment?: string) => ReturnType<Machine["sh"]>;
  /** The mirrors' scripts that were called, "1" or "2" and the call. */
  readonly calls: () => readonly string[];
  /** What the two mirrors do now; extra: files that make a script fail. */
  readonly mirrors: (one: string, other: string, ...extra: readonly string[]) => void;
}

/**
 * One real sshd at two addresses is both mirrors, for the tests of a file. Their scripts
 * are played: /run/mirror/ADDRESS/does is what group-where.sh answers,
 * /run/mirror/where what cluster-where.sh does, a file named after a call, or after its script,
 * makes it fail, with the status that it holds or 1, and all calls but the
 * questions and records of commands are noted in order. With a file ends-connections a mirror says so when it takes
 * over; what it is told then is in /run/mirror/heard, and how the other one was to leave in /run/mirror/how.
 */
export function playedMirrors(): PlayedMirrors {
  let machine: Machine;
  let hostKey: string;
  beforeAll(async () => {
    machine = await Machine.start();
    machine.ok(sshd);
    machine.ok(
      "cat >/usr/local/lib/kvm-mirror/play && cd /usr/local/lib/kvm-mirror && chmod 755 play && " +
        `for script in ${scripts.join(" ")}; do ln -s play $script.sh; done`,
      play,
    );
    hostKey = machine.ok("cut -d' ' -f1,2 /tmp/host.pub");
  });
  afterAll(() => {
    machine?.sh("pkill -f '^/usr/sbin/sshd'");
    machine?.stop();
  });
  return {
    get machine() {
      return machine;
    },
    hostKey: () => hostKey,
    run: (script, args, environment = "") =>
      machine.sh(
        `cd ${repository}/src && ${environment} bash ` +
          `../scripts/operator/${script} ` +
          `${args.map((word) => `'${word}'`).join(" ")}`,
      ),
    calls: () => machine.ok("cat /run/mirror/calls 2>/dev/null || true").split("\n").filter(Boolean),
    mirrors: (one, other, ...extra) => {
      machine.ok(
        `rm -rf /run/mirror && mkdir -p /run/mirror/127.0.0.1 /run/mirror/127.0.0.2 && echo ${one} ` +
          `>/run/mirror/127.0.0.1/does && echo ${other} >/run/mirror/127.0.0.2/does`,
      );
      for (const file of extra) machine.ok(`touch '/run/mirror/${file}'`);
    },
  };
}

const sshd = `mkdir -p /root/.ssh /run/sshd /usr/local/lib/kvm-mirror && rm -f /root/.ssh/* && chmod 700 /root/.ssh
  for name in host user; do ssh-keygen -q -t ed25519 -N '' -f /tmp/$name </dev/null; done
  cp /tmp/user /root/.ssh/id_ed25519 && cp /tmp/user.pub /root/.ssh/authorized_keys && usermod -p '*' root
  printf '#!/bin/sh\\n[ "$1" = -n ] && shift\\nexec "$@"\\n' >/usr/local/bin/sudo && chmod 755 /usr/local/bin/sudo
  printf '%s\\n' 'HostKey /tmp/host' 'ListenAddress 127.0.0.1' 'ListenAddress 127.0.0.2' \\
    'PermitRootLogin prohibit-password' 'AuthorizedKeysFile /root/.ssh/authorized_keys' \\
    'StrictModes no' 'PidFile none' >/tmp/sshd_config
  /usr/sbin/sshd -f /tmp/sshd_config -E /tmp/sshd.log
  for i in $(seq 100); do ssh-keyscan -t ed25519 127.0.0.2 2>/dev/null | grep -q ed25519 && break; sleep 0.1; done`;

const scripts = [
  "group-where",
  "group-configure",
  "group-remove",
  "group-start",
  "group-stop",
  "cluster-where",
  "cluster-pause",
  "cluster-resume",
  "qdevice-certificate",
  "volume-history",
  "drbd-first-sync",
  "preload",
  "command-record",
];

const play = `#!/usr/bin/env bash
set -euo pipefail
read -r _ _ address _ <<<"$SSH_CONNECTION"
here=/run/mirror/$address there=/run/mirror/127.0.0.$((3 - \${address##*.}))
call="\${0##*/} $*"
[[ $call == command-record* || $call == *-where* || $call == *' show'* || $call == *' --losing' || ($call == volume-history.sh' '* && $# == 1) ]] ||
  printf '%s %s\\n' "\${address##*.}" "$call" >>/run/mirror/calls
for played in "$here/\${call// /_}" "$here/\${0##*/}"; do
  if [[ -e $played ]]; then echo "played: $call fails" >&2; status=$(<"$played"); exit "\${status:-1}"; fi
done
case $call in
  command-record*) cat >/dev/null ;;
  group-where*) cat "$here/does" ;;
  cluster-where*) cat /run/mirror/where ;;
  cluster-*) ;;
  *certificate.sh' show'*) cat "$here/certificate" 2>/dev/null || printf 'none\\nnone\\n' ;;
  *certificate.sh' request'*) cat >"$here/authority"; printf cmVxdWVzdA== ;;
  *certificate.sh' finish'*) cat >"$here/signed"; printf a2V5 ;;
  *certificate.sh' take'*) cat >"$here/taken" ;;
  group-configure*--losing) cat >/dev/null ;;
  group-configure*--check*) cat >/dev/null; cat "$here/does" ;;
  group-configure*) cat >"$here/document" ;;
  'volume-history.sh r0') cat "$here/history" 2>/dev/null || echo first-sync 0 ;;
  drbd-first-sync*) ! [[ -e $here/blank ]] || { printf 'first-sync %s\\nnew\\n' "$4" >"$here/history"; } ;;
  *--hand-over)
    read -r how
    echo "$how" >/run/mirror/how
    if [[ $how == quietly ]]; then printf '%s\n' 'client 10.20.0.10:10809 10.20.0.2:50001' 'all told'; fi
    echo idle >"$here/does" ;;
  group-stop*) echo idle >"$here/does" ;;
  *--take-over)
    echo waiting
    ! [[ -e $here/ends-connections ]] || echo ends connections
    line= begun=
    until grep -q idle "$there/does" && [[ $line == 'all told' ]]; do
      status=0
      # On a busy machine the time is over in the middle of a line.
      read -r -t 0.05 part || status=$?
      begun+=$part
      ((status != 0)) || { line=$begun begun=; echo "$line" >>/run/mirror/heard; }
      ((status == 0 || status > 128)) || { echo "called off" >>/run/mirror/calls; exit 3; }
    done
    ! [[ -e $here/cannot-take ]] || exit 1
    echo serving >"$here/does" ;;
  group-start*) echo serving >"$here/does" ;;
esac
`;
