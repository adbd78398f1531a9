/**
 * What the fencing key opens on a KVM host, given lines of a peer that is broken or in somebody's hands: whatever it
 * says, libvirt hears nothing but the three commands, of the one domain. FUZZ_LINES=1000000 for a long run, FUZZ_SEED
 * to repeat one.
 */
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Machine } from "./machine.ts";

const script = resolve(import.meta.dirname, "../../scripts/host/fence-shell.sh");
const lines = Number(process.env.FUZZ_LINES ?? 1_000);
const seed = Number(process.env.FUZZ_SEED ?? 20261128);
const together = 2_000;

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
  machine.ok("mkdir -p /run/fuzz/work");
  machine.play(
    "virsh",
    `printf '%s\\n' "$*" >>/run/fuzz/calls
    case $1 in
      domstate) if [ -e /run/fuzz/off ]; then echo 'shut off'; else echo running; fi ;;
      dominfo) echo 'Managed save:   no' ;;
      destroy) touch /run/fuzz/off ;;
      start) rm -f /run/fuzz/off ;;
    esac`,
  );
  machine.play("logger", ":");
});
afterAll(() => machine?.stop());

/** Numbers below `limit`, the same for the same seed (mulberry32). */
function random(from: number): (limit: number) => number {
  let state = from;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

const commands = ["domstate", "destroy", "start", "list --all"];
const words = ["virsh domstate mirror-a", "virsh destroy mirror-a", "virsh start mirror-a", "virsh list --all"];
/** Text as Latin-1: each character is one byte, so that any byte can be sent. */
const nasty = [
  ...["; touch canary", "$(touch canary)", "`touch canary`", " && touch canary", "|touch canary", ">canary", "&"],
  ...[" mirror-b", " --undefine", " --all", " --", " -c qemu:///session", "*", "?", "[a-z]", "{a,b}", "~", "!!", "#"],
  ...["'", '"', "\\", "\\x6d", "${domain}", "$IFS", "\0", "\r", "\t", "\x1b[2J", "\x7f", "\x80\xff", "\xc3", "%s%n"],
  ...["../", "\u00a0", " ", "  ", "=", "a".repeat(5_000)],
];

/** A line of a peer: a command, mostly with something done to it. */
function line(below: (limit: number) => number): string {
  const pick = <One>(list: readonly One[]): One => list[below(list.length)]!;
  let text = pick(words);
  for (let changes = below(4); changes > 0; changes--) {
    const at = below(text.length + 1);
    text = pick([
      () => text.slice(0, at) + pick(nasty) + text.slice(at),
      () => text + pick(nasty),
      () => pick(nasty) + text,
      () => text.slice(0, at) + text.slice(at + 1),
      () => text.replace("mirror-a", pick(["mirror-b", "mirror", "mirror-aa", "MIRROR-A", "", "-a", "*"])),
      () => text.replace("virsh", pick(["virsh -r", "Virsh", "/usr/bin/virsh", "sudo virsh", "bash -c virsh"])),
      () => text.replace(pick(commands), pick(["undefine", "suspend", "qemu-monitor-command", "vol-delete", "reset"])),
      () => Array.from({ length: below(60) }, () => String.fromCharCode(below(256))).join(""),
    ])();
  }
  return text.replaceAll("\n", " ");
}

/** The commands that change something, as fence-shell.sh says that it takes them: nothing but these words. */
function orders(said: readonly string[]): readonly string[] {
  let off = false;
  return said.flatMap((each) => {
    // Bash reads past NUL.
    const order = each.replaceAll("\0", "").replace(/\r$/, "");
    if (order === "virsh destroy mirror-a" && !off) {
      off = true;
      return ["destroy mirror-a"];
    }
    if (order !== "virsh start mirror-a") return [];
    off = false;
    return ["start mirror-a --force-boot"];
  });
}

test(
  `of ${lines} lines (seed ${seed}) only those that are commands reach libvirt`,
  () => {
    const below = random(seed);
    for (let left = lines; left > 0; left -= together) {
      // `quit` in a line by itself ends the session.
      const said = Array.from({ length: Math.min(left, together) }, () => line(below));
      machine.ok("rm -f /run/fuzz/off /run/fuzz/work/*; : >/run/fuzz/calls");
      const { status, stdout } = machine.sh(
        `cd /run/fuzz/work && base64 -d | PATH=/usr/sbin:$PATH bash ${script} mirror-a 0 | grep -ao EXPECT | wc -l`,
        Buffer.from(said.map((each) => `${each}\n`).join(""), "latin1").toString("base64"),
      );
      expect([status, Number(stdout)]).toEqual([0, said.length + 1]);
      const calls = machine.ok("cat /run/fuzz/calls").split("\n");
      expect(calls.filter((call) => /^(destroy|start)/.test(call))).toEqual(orders(said));
      const looks = ["domstate --reason mirror-a", "dominfo mirror-a"];
      expect(new Set(calls)).toEqual(new Set([...looks, ...orders(said)]));
      expect(machine.ok("ls /run/fuzz/work")).toBe("");
    }
  },
  120_000 + lines * 20,
);
