import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Inventory } from "../../../src/inventory.ts";
import type { System } from "../../../torture/system/system.ts";

const blockSize = 4096;
const lanes = 3 * 64 * blockSize;

/** What a stand-in does wrong. */
export interface Wrong {
  /** A failover goes back to what the disk was some time before: acknowledged writes are lost. */
  readonly losesAtFailover?: boolean;
  /** The old primary stays Primary beside the new one. */
  readonly twoPrimaries?: boolean;
  /** The old primary's machine is not shut down. */
  readonly notFenced?: boolean;
  /** Sectors that verify finds to differ. */
  readonly differs?: number;
  /** A line in the client's kernel log. */
  readonly guestLog?: string;
  /** The client's machine, and with it the writer, ends with the primary. */
  readonly clientEnds?: boolean;
  /** A mirror whose disk holds what it held at the beginning, whatever DRBD says. */
  readonly staleDisk?: string;
  /** The servers answer from the page cache, as long as nobody empties it. */
  readonly cached?: boolean;
  /** `npm run failover` refuses. */
  readonly refuses?: boolean;
}

/** Two mirrors, their hosts and a client, played by files and by the real writer. It answers the commands that torture gives, and throws at any other. */
export function standIn(directory: string, wrong: Wrong = {}): System & { readonly commands: string[] } {
  const disk = join(directory, "disk");
  const pidOfWriter = join(directory, "writer.pid");
  const proc = (mirror: string): string => join(directory, `${mirror}.proc`);
  const state = { primary: "mirror-a", off: new Set<string>(), log: "", commands: [] as string[], verified: false, earlier: Buffer.alloc(0), cache: Buffer.alloc(0), first: Buffer.alloc(lanes) };
  writeFileSync(disk, Buffer.alloc(1 << 20));
  const show = (): void => {
    for (const mirror of ["mirror-a", "mirror-b"]) {
      const primary = mirror === state.primary || (wrong.twoPrimaries === true && state.log !== "");
      const whole = state.off.size === 0;
      const text = ` 0: cs:${whole ? "Connected" : "WFConnection"} ro:${primary ? "Primary" : "Secondary"}/Unknown ds:UpToDate/${whole ? "UpToDate" : "DUnknown"} C r-----\n    ns:0 oos:${state.verified ? (wrong.differs ?? 0) / 2 : 0}\n`;
      writeFileSync(proc(mirror), state.off.has(mirror) && wrong.twoPrimaries !== true ? "" : text);
    }
  };
  const turnOff = (mirror: string): void => {
    state.off.add(mirror);
    if (wrong.notFenced !== true) state.log += `${new Date().toISOString().replace("T", " ").replace("Z", "+0000")}: shutting down, reason=destroyed\n`;
    else state.log += " ";
    show();
  };
  const failOver = (): void => {
    state.primary = state.primary === "mirror-a" ? "mirror-b" : "mirror-a";
    if (wrong.cached === true) state.cache = readFileSync(disk).subarray(0, lanes);
    if (wrong.losesAtFailover === true) writeFileSync(disk, Buffer.concat([state.earlier, readFileSync(disk).subarray(lanes)]), { flag: "r+" });
    show();
  };
  show();
  const unknown = (place: string, command: string): never => {
    throw new Error(`the stand-in does not know what ${place} shall do with: ${command}`);
  };
  const mirrorNames = ["mirror-a", "mirror-b"];
  return {
    commands: state.commands,
    inventory: inventory(mirrorNames),
    async onHost(host, command) {
      state.commands.push(`${host}: ${command}`);
      const destroyed = /^virsh destroy (\S+)$/.exec(command)?.[1];
      if (destroyed) {
        state.earlier = readFileSync(disk).subarray(0, lanes);
        // Writes go on for a moment; in a loss they are what is gone.
        await new Promise((resolve) => setTimeout(resolve, 500));
        turnOff(destroyed);
        if (wrong.clientEnds === true) process.kill(Number(readFileSync(pidOfWriter, "utf8")));
        return "";
      }
      const started = /virsh start (\S+)$/.exec(command)?.[1];
      if (started) {
        state.off.delete(started);
        show();
        return "";
      }
      if (command.startsWith("grep 'shutting down'")) return state.log;
      if (command.startsWith("virsh dumpxml")) return "<domain type='qemu'>";
      return unknown(host, command);
    },
    async onMirror(mirror, command) {
      state.commands.push(`${mirror}: ${command}`);
      if (state.off.has(mirror)) throw new Error(`${mirror} does not answer`);
      if (command === "cat /proc/drbd") return readFileSync(proc(mirror), "utf8");
      if (command === "drbdadm verify r0") {
        state.verified = true;
        show();
        return "";
      }
      if (command.startsWith("blockdev --flushbufs /dev/drbd0 && echo 1 >/proc/sys/vm/drop_caches")) {
        state.cache = Buffer.alloc(0);
        return "";
      }
      if (command.startsWith("dmesg")) return "block drbd0: Online verify done\n";
      if (command.startsWith("journalctl")) return "";
      return unknown(mirror, command);
    },
    async onClient(client, command) {
      if (command === "true" || command.startsWith("printf %s")) return "";
      if (command.startsWith("cat /proc/sys/kernel/random/boot_id")) return "same\n";
      if (command.startsWith("journalctl")) return wrong.guestLog ?? "";
      return unknown(client, command);
    },
    async bytesFrom(place, name, command) {
      if (place === "mirror" && state.off.has(name)) throw new Error(`${name} does not answer`);
      if (command.startsWith('dd if="$(drbdadm sh-ll-dev r0)" iflag=direct')) return wrong.staleDisk === name ? state.first : readFileSync(disk).subarray(0, lanes);
      if (state.cache.length > 0 && command.includes("qemu-img")) return state.cache;
      if (!/^dd if=\/dev\/drbd0 iflag=direct|qemu-img dd .*nbd:\/\/10\.20\.0\.10:10809\/r0/.test(command)) unknown(name, command);
      return readFileSync(disk).subarray(0, lanes);
    },
    async operate(command) {
      if (command === "failover" && wrong.refuses === true) return { status: 1, stdout: "", output: "failover: the disk of mirror-b is Outdated" };
      if (command === "failover" || command === "switch") failOver();
      else unknown("the operator", command);
      return { status: 0, stdout: "", output: "" };
    },
    async power(host, to) {
      state.commands.push(`${host}: power ${to}`);
      const mirror = host === "kvm-a" ? "mirror-a" : "mirror-b";
      if (to === "off") turnOff(mirror);
      else state.off.delete(mirror);
      show();
    },
    commandLine(place, name, command) {
      if (place === "mirror") return ["bash", "-c", command.replaceAll("/proc/drbd", proc(name))];
      const program = command.includes("torture-reader.py") ? "reader" : "writer";
      const script = fileURLToPath(new URL(`../../../torture/guest/${program}.py`, import.meta.url));
      const before = program === "writer" ? `echo $$ >'${pidOfWriter}'; ` : "";
      return ["bash", "-c", before + command.replace(/python3 \S+/, `python3 '${script}'`).replace(/--device "[^"]*"/, `--device '${disk}'`)];
    },
  };
}

function inventory(mirrors: readonly string[]): Inventory {
  const ssh = (target: string) => ({ target, hostKey: "ssh-ed25519 AAAA" });
  return {
    version: 1,
    stack: "lab",
    failover: { mode: "manual" },
    hosts: ["kvm-a", "kvm-b"].map((name, index) => ({ name, uri: `qemu+ssh://root@10.30.0.${index + 2}/system`, address: `10.30.0.${index + 2}` })),
    mirrors: mirrors.map((name, index) => ({
      name, host: index === 0 ? "kvm-a" : "kvm-b", replicationAddress: "", storageAddress: "", managementAddress: "", role: index === 0 ? "primary" : "secondary", ssh: ssh(`storage@${name}`),
    })),
    groups: [{ name: "main", vip: "10.20.0.10", primary: "mirror-a", volumes: ["r0"] }],
    volumes: [{ name: "r0", size: 1 << 20, device: "/dev/drbd0", group: "main", primary: "mirror-a", replication: { protocol: "C", resyncRate: "300M" } }],
    exports: [{ volume: "r0", protocol: "nbd", address: "10.20.0.10", port: 10809, name: "r0" }],
    clients: [{ name: "app-1", host: "kvm-a", hosts: ["kvm-a", "kvm-b"], managed: true, disks: ["r0", "r1"].map((volume, index) => ({ volume, protocol: "nbd", target: `vd${"bc"[index]}`, bus: "virtio", serial: volume })), ssh: ssh("storage@app-1") }],
  } as unknown as Inventory;
}
