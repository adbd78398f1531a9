import { resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { shellLine } from "../../plugins/serving/shell.ts";
import { Machine } from "./machine.ts";

export const repository = resolve(import.meta.dirname, "../..");
export const target = "root@127.0.0.1";

/**
 * A real sshd, whose machine is mirror and KVM host in one, for the tests of a file; sudo is a command that runs its
 * arguments.
 */
export function playedOperator() {
  let machine: Machine;
  let hostKey: string;
  let otherKey: string;
  beforeAll(async () => {
    machine = await Machine.start();
    machine.ok(`mkdir -p /etc/ssh /root/.ssh /run/sshd && rm -f /root/.ssh/* && chmod 700 /root/.ssh
      for name in host other user; do ssh-keygen -q -t ed25519 -N '' -f /tmp/$name </dev/null; done
      cp /tmp/user /root/.ssh/id_ed25519 && cp /tmp/user.pub /root/.ssh/authorized_keys
      printf '#!/bin/sh\\n[ "$1" = -n ] && shift\\nexec "$@"\\n' >/usr/local/bin/sudo && chmod 755 /usr/local/bin/sudo
      printf '#!/bin/sh\\necho "$@" >>/run/systemctl\\n' >/usr/local/bin/systemctl && chmod 755 /usr/local/bin/systemctl
      usermod -p '*' root
      printf '%s\\n' 'HostKey /tmp/host' 'ListenAddress 127.0.0.1' 'PermitRootLogin prohibit-password' \\
        'AuthorizedKeysFile /root/.ssh/authorized_keys' 'StrictModes no' >/tmp/sshd_config
      setsid /usr/sbin/sshd -D -e -f /tmp/sshd_config </dev/null >/tmp/sshd.log 2>&1 &
      for i in $(seq 100); do ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | grep -q ed25519 && exit
      sleep 0.1; done; cat /tmp/sshd.log; exit 1`);
    const key = (name: string) => machine.ok(`cut -d' ' -f1,2 /tmp/${name}.pub`);
    [hostKey, otherKey] = [key("host"), key("other")];
  });
  afterAll(() => machine?.stop());

  const operator = (script: string, args: readonly string[], stdin = "") =>
    machine.sh(`cd ${repository}/src && bash ../scripts/operator/${script} ${shellLine(args)}`, stdin);
  return {
    get machine() {
      return machine;
    },
    get hostKey() {
      return hostKey;
    },
    get otherKey() {
      return otherKey;
    },
    operator,
  };
}
