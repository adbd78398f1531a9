import { hostname } from "node:os";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { groupDocument, mainGroup, r0ByNbd } from "./groupDocument.ts";
import { Machine, resourceFile } from "./machine.ts";

const scripts = resolve(import.meta.dirname, "../../scripts/guest");

/** A mirror with volume r0 in group main, and its peer's sshd, for the tests of a file. */
export function playedPeer() {
  let machine: Machine;
  let hostKey: string;
  const state = (words: string) => machine.ok(`drbdadm state r0 ${words}`);
  const disk = () => machine.ok("cut -d' ' -f4 /run/drbd/r0.state");
  const promote = () => machine.sh("drbdadm primary r0");
  const group = (...args: string[]) => machine.guest("group-start.sh", ["main", ...args]);
  const alone = "WFConnection Secondary Unknown UpToDate DUnknown";

  /**
   * One machine plays both mirrors: a real sshd takes the handler's question, and
   * the forced command that peer-configure.sh wrote answers it,
   * from a second volume's state, which stands for the peer's view of r0.
   */
  beforeAll(async () => {
    machine = await Machine.start();
    machine.volume("r0", 0);
    machine.marksDisk();
    machine.installGuest();
    machine.ok(`useradd --create-home storage && usermod -p '*' storage
      printf '#!/bin/sh\\n[ "$1" = -n ] && shift\\nexec "$@"\\n' >/usr/local/bin/sudo && chmod 755 /usr/local/bin/sudo
      mkdir -p /run/sshd && for name in host both; do ssh-keygen -q -t ed25519 -N '' -C '' -f /tmp/$name </dev/null; done
      printf '%s\\n' 'HostKey /tmp/host' 'ListenAddress 127.0.0.1' 'PidFile /run/peer-sshd.pid' 'StrictModes no' \\
        >/tmp/sshd_config`);
    hostKey = machine.ok("cut -d' ' -f1,2 /tmp/host.pub");
    const volume = resourceFile(hostname(), "r0", 0, machine.ok("drbdadm sh-ll-dev r0")).replace(
      "resource r0 {",
      `resource r0 { handlers { fence-peer "/usr/local/lib/kvm-mirror/fence-peer.sh"; }`,
    );
    expect(machine.guest("drbd-configure.sh", ["r0"], volume)).toMatchObject({ status: 0 });
    machine.ok("ip link add storage0 type bridge && ip link set storage0 up && ip addr add 192.0.2.11/24 dev storage0");
    const document = groupDocument({ ...mainGroup, exports: [r0ByNbd("192.0.2.21")] });
    expect(machine.guest("group-configure.sh", ["main"], document)).toMatchObject({ status: 0 });
  });
  afterAll(() => machine?.stop());

  /** The peer's sshd; its outdate.sh sees the state that `answers` names. */
  function peerAnswers(code: number): void {
    machine.ok(`mkdir -p /tmp/peer
      printf '#!/bin/sh\\necho "$1" >/tmp/peer/asked\\nexit ${code}\\n' >/tmp/peer/outdate.sh
      chmod 777 /tmp/peer /tmp/peer/outdate.sh && rm -f /tmp/peer/asked
      sed -i 's|/usr/local/lib/kvm-mirror/outdate.sh|/tmp/peer/outdate.sh|' /home/storage/.ssh/authorized_keys
      [ -e /run/peer-sshd.pid ] || /usr/sbin/sshd -f /tmp/sshd_config -E /tmp/sshd.log
      for i in $(seq 100); do ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | grep -q ed25519 && exit
      sleep 0.1; done; exit 1`);
  }
  const peerIsSilent = () =>
    machine.ok(
      "[ -e /run/peer-sshd.pid ] || exit 0; kill $(cat /run/peer-sshd.pid); for i in $(seq 100); do ss -Hltn " +
        "sport = :22 | grep -q . || { rm -f /run/peer-sshd.pid; exit; }; sleep 0.1; done; exit 1",
    );
  const configure = () =>
    machine.guest(
      "peer-configure.sh",
      ["storage", "the-peer", hostKey, "127.0.0.1"],
      machine.ok("cat /tmp/both") + "\n",
    );

  const mark = `bash -c '. ${scripts}/lib/base.sh; . ${scripts}/replication/lib/marks.sh; mark_of r0 0'`;
  const blankMarks = () =>
    machine.ok(
      "dd if=/dev/zero of=/dev/disk/by-id/virtio-kvm-mirror.marks bs=4096 seek=1 count=9 " +
        "conv=notrunc,fsync status=none",
    );
  const watch = () => machine.guest("watch-peer.sh", ["--once"]);
  return {
    get machine() {
      return machine;
    },
    get hostKey() {
      return hostKey;
    },
    scripts,
    alone,
    mark,
    state,
    disk,
    promote,
    group,
    peerAnswers,
    peerIsSilent,
    configure,
    blankMarks,
    watch,
  };
}
