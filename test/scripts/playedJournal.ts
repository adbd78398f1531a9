import { afterAll, beforeAll } from "vitest";
import type { Machine } from "./machine.ts";

/**
 * A real journald on a machine, for the tests of a file: programs write to it, and the kernel's messages are what a
 * test writes into a pipe in the place of /dev/kmsg.
 * @param machine the machine, once it has started
 */
export function playedJournal(machine: () => Machine) {
  beforeAll(() => {
    // It wants to see control groups, and would write its own messages into the pipe.
    machine().ok(`mount -t cgroup2 none /sys/fs/cgroup
      mkdir -p /var/log/journal /run/systemd/journal && rm -rf /var/log/journal/* && mkfifo /dev/kmsg
      SYSTEMD_LOG_TARGET=console setsid /lib/systemd/systemd-journald </dev/null >/run/journald.log 2>&1 & echo $! >/run/journald.pid
      for i in $(seq 300); do [ -S /run/systemd/journal/dev-log ] && break; sleep 0.1; done
      ln -sf /run/systemd/journal/dev-log /dev/log
      for i in $(seq 300); do logger --socket-errors=on ready 2>/dev/null && journalctl --sync && exit; sleep 0.1; done
      cat /run/journald.log >&2; exit 1`);
  });
  afterAll(() => void machine()?.sh("kill $(cat /run/journald.pid)"));
  let sequence = 0;
  return {
    /** The kernel says this, and the journal has it. */
    kernel(message: string): void {
      machine().ok(`printf '6,${++sequence},${sequence},-;%s\\n' '${message}' 1<>/dev/kmsg
        for i in $(seq 300); do journalctl --quiet -k -o cat | grep -qxF '${message}' && exit; sleep 0.1; done; exit 1`);
    },
    /** A program of this name says this, as systemd's or sudo's messages reach the journal. */
    says(name: string, message: string): void {
      machine().ok(
        // It lives until journald has seen which program it is.
        `cp /usr/bin/logger /run/${name} && read -r words && {
          printf '%s\\n' "$words"
          for i in $(seq 300); do journalctl --quiet -t ${name} -o cat | grep -qF "$words" && exit; sleep 0.1; done
        } | /run/${name} --socket-errors=on --tag ${name}
        journalctl --quiet -t ${name} -o cat | grep -qF "$words"`,
        `${message}\n`,
      );
    },
    messages: (...match: readonly string[]): readonly string[] =>
      machine()
        .ok(`journalctl --quiet --no-pager -o cat ${match.join(" ")}`)
        .split("\n"),
  };
}
