import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Inventory } from "../../../src/inventory/inventory.ts";
import type { Done } from "../../../harness/run.ts";
import { slowedTimeOf } from "../../../harness/slowedTime.ts";
import type { System } from "../../../harness/system.ts";
import { lanes, type Mirror, Pair, type Wrong } from "./pair.ts";

const offPhrase = (mirror: string): string => `${mirror} is off and stays off, and wrote nothing after 12:00:00`;
const phraseOfLoss = "what mirror-a wrote alone is lost";

/**
 * Two mirrors, their hosts and a client, played by files and by the real writer. It
 * answers the commands that torture gives, and throws at any other.
 */
export function standIn(directory: string, wrong: Wrong = {}): System & { readonly commands: string[] } {
  const disk = join(directory, "disk");
  const pidOfWriter = join(directory, "writer.pid");
  const proc = (mirror: string): string => join(directory, `${mirror}.proc`);
  const commands: string[] = [];
  writeFileSync(disk, Buffer.alloc(1 << 20));
  const pair = new Pair(disk, proc, wrong);
  const dead = new Set<string>();
  const unknown = (place: string, command: string): never => {
    throw new Error(`the stand-in does not know what ${place} shall do with: ${command}`);
  };
  const mirrorNames = ["mirror-a", "mirror-b"] as const;
  const mirrorOn = (host: string): Mirror => (host === "kvm-a" ? "mirror-a" : "mirror-b");
  const reach = (host: string): void => {
    if (dead.has(host) || pair.cut.has(`management of ${host}`)) throw new Error(`${host} cannot be reached`);
  };
  const operate = (command: string, args: readonly string[]): Done => {
    const answer = (status: number, words: string): Done => ({
      status,
      stdout: "",
      output: `Stack lab\n${status === 0 ? "" : `${command}: `}${words}\n`,
    });
    const refuse = (words: string): Done => {
      if (wrong.refusesTooLate === true) {
        pair.turnOff(pair.standby);
        pair.start(pair.standby);
      }
      return answer(1, words);
    };
    const confirmed = args.includes("--confirm") ? args[args.indexOf("--confirm") + 1] : undefined;
    const { primary, standby, obstacle } = pair;
    if (command === "failover") {
      if (wrong.refuses === true) return refuse(`the disk of ${standby} is Outdated`);
      if (wrong.breaksDown === true) return answer(1, "Cannot read properties of undefined");
      const old = inventory(mirrorNames).mirrors.find(({ name }) => name === primary)?.host ?? "";
      if (dead.has(old) && confirmed !== offPhrase(primary))
        return refuse(`${old} cannot be asked; cut its power, then repeat with --confirm "${offPhrase(primary)}"`);
      if (obstacle !== undefined && wrong.takesStale !== true && confirmed !== phraseOfLoss) {
        return refuse(`${obstacle}${wrong.takesPhrase === true ? `; if you insist: --confirm "${phraseOfLoss}"` : ""}`);
      }
      pair.takeOver("failover");
      return answer(0, `${standby} serves main`);
    }
    const silent = mirrorNames.find((name) => pair.machine[name] !== "running");
    if (command === "recover")
      return silent === undefined
        ? answer(0, "Both look for each other and do not meet")
        : refuse(`${silent} cannot be asked`);
    if (command !== "switch" && command !== "maintain") return unknown("the operator", command);
    if (silent !== undefined)
      return refuse(`group main: ${silent} cannot be asked (no answer); a switch needs both mirrors`);
    if (!pair.connected || pair.syncing)
      return refuse(`group main stays on ${primary}: volume r0 WFConnection; wait until it is Connected`);
    if (pair.hanging === primary)
      return refuse(`group main stays on ${primary}: the data disk of r0 there answers nothing`);
    pair.takeOver("switch");
    return answer(0, "done");
  };
  return {
    commands,
    inventory: inventory(mirrorNames),
    time: slowedTimeOf(undefined),
    async onHost(host, command) {
      commands.push(`${host}: ${command}`);
      reach(host);
      const destroyed = /^virsh destroy (\S+)$/.exec(command)?.[1] as Mirror | undefined;
      if (destroyed) {
        pair.remember();
        // Writes go on for a moment; in a loss they are what is gone.
        await new Promise((resolve) => setTimeout(resolve, 500));
        pair.turnOff(destroyed);
        if (wrong.clientEnds === true) process.kill(Number(readFileSync(pidOfWriter, "utf8")));
        return "";
      }
      if (/^virsh managedsave \S+$/.test(command)) {
        pair.turnOff(mirrorOn(host), "saved");
        return "";
      }
      if (/virsh start \S+$/.test(command)) {
        pair.start(mirrorOn(host));
        return "";
      }
      if (command.includes("virsh dominfo")) {
        const mirror = mirrorOn(host);
        if (pair.machine[mirror] === "saved") pair.machine[mirror] = "off";
        return "";
      }
      const signal = /kill -(STOP|CONT) /.exec(command)?.[1] as "STOP" | "CONT" | undefined;
      if (signal) {
        pair.freeze(mirrorOn(host), signal);
        return "";
      }
      const link = /^ip link set (cable-\w+) (up|down)$/.exec(command);
      if (link?.[1]) {
        if (link[2] === "down") pair.cut.add(link[1]);
        else pair.cut.delete(link[1]);
        pair.show();
        return "";
      }
      const limit = /blkdeviotune \S+ "\$target" --total-bytes-sec (\d)/.exec(command);
      if (limit) {
        pair.hanging = limit[1] === "1" ? mirrorOn(host) : undefined;
        pair.show();
        return "";
      }
      if (command.includes("virsh domstate")) {
        const mirror = mirrorOn(host);
        return ["off", "saved"].includes(pair.machine[mirror])
          ? "shut off\n\n-\n"
          : `running\n\n${pair.boots[mirror]}\n`;
      }
      if (command.startsWith("grep 'shutting down'")) return pair.log[mirrorOn(host)];
      if (command.startsWith("virsh dumpxml")) return "<domain type='qemu'>";
      return unknown(host, command);
    },
    async onMirror(mirror, command) {
      commands.push(`${mirror}: ${command}`);
      reach(mirror === "mirror-a" ? "kvm-a" : "kvm-b");
      if (pair.machine[mirror as Mirror] !== "running") throw new Error(`${mirror} does not answer`);
      if (command === "cat /proc/drbd") return readFileSync(proc(mirror), "utf8");
      if (command === "cat /proc/sys/kernel/random/boot_id") return `boot ${pair.boots[mirror as Mirror]}\n`;
      if (command.includes("drbdadm invalidate")) {
        pair.syncing = true;
        pair.show();
        return "";
      }
      if (command.startsWith("drbdadm adjust")) {
        pair.syncing = false;
        pair.show();
        return "";
      }
      if (command.includes("fallocate")) {
        pair.full = true;
        return "";
      }
      if (command.startsWith("rm -f /kvm-mirror-torture-fill")) {
        pair.full = false;
        return "";
      }
      if (command === "drbdadm verify r0") {
        pair.verified = true;
        pair.show();
        return "";
      }
      if (command === "drbdadm detach --force r0" || command === "drbdadm attach r0") {
        pair.diskless = command.includes("detach") ? (mirror as Mirror) : undefined;
        pair.show();
        return "";
      }
      if (command.startsWith("blockdev --flushbufs /dev/drbd0 && echo 1 >/proc/sys/vm/drop_caches")) {
        pair.cache = Buffer.alloc(0);
        return "";
      }
      // Settings of negative controls.
      if (
        command.includes("kvm-mirror-torture-handler") ||
        command.startsWith("for volume in") ||
        command.includes("drbdadm cstate all")
      )
        return "";
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
      if (place === "mirror" && pair.machine[name as Mirror] !== "running") throw new Error(`${name} does not answer`);
      if (command.startsWith('dd if="$(drbdadm sh-ll-dev r0)" iflag=direct'))
        return wrong.staleDisk === name ? Buffer.alloc(lanes) : readFileSync(disk).subarray(0, lanes);
      if (pair.cache.length > 0 && command.includes("qemu-img")) return pair.cache;
      if (!/^dd if=\/dev\/drbd0 iflag=direct|qemu-img dd .*nbd:\/\/10\.20\.0\.10:10809\/r0/.test(command))
        unknown(name, command);
      return readFileSync(disk).subarray(0, lanes);
    },
    onOperator: (command) => unknown("the operator", command),
    operatorLine: (command) => [...command],
    async operate(command, args) {
      commands.push(`operator: ${[command, ...args].join(" ")}`);
      return operate(command, args);
    },
    async power(host, to) {
      commands.push(`${host}: power ${to}`);
      if (to === "off") {
        dead.add(host);
        pair.turnOff(mirrorOn(host));
      } else {
        dead.delete(host);
        pair.start(mirrorOn(host));
      }
    },
    async managementCable(host, to) {
      if (to === "down") pair.cut.add(`management of ${host}`);
      else pair.cut.delete(`management of ${host}`);
    },
    commandLine(place, name, command) {
      if (place === "mirror") return ["bash", "-c", command.replaceAll("/proc/drbd", proc(name))];
      const program = command.includes("torture-reader.py") ? "reader" : "writer";
      const script = fileURLToPath(new URL(`../../../torture/guest/${program}.py`, import.meta.url));
      const before = program === "writer" ? `echo $$ >'${pidOfWriter}'; ` : "";
      return [
        "bash",
        "-c",
        before +
          command.replace(/python3 \S+/, `python3 '${script}'`).replace(/--device "[^"]*"/, `--device '${disk}'`),
      ];
    },
  };
}

function inventory(mirrors: readonly string[]): Inventory {
  const ssh = (target: string) => ({ target, hostKey: "ssh-ed25519 AAAA" });
  return {
    version: 2,
    stack: "lab",
    failover: { mode: "manual" },
    hosts: ["kvm-a", "kvm-b"].map((name, index) => ({
      name,
      uri: `qemu+ssh://root@10.30.0.${index + 2}/system`,
      address: `10.30.0.${index + 2}`,
    })),
    mirrors: mirrors.map((name, index) => ({
      name,
      host: index === 0 ? "kvm-a" : "kvm-b",
      replicationAddress: "",
      storageAddress: "",
      managementAddress: "",
      role: index === 0 ? "primary" : "secondary",
      ssh: ssh(`storage@${name}`),
    })),
    groups: [{ name: "main", vip: "10.20.0.10", preferredMirror: "mirror-a", volumes: ["r0"] }],
    volumes: [
      {
        name: "r0",
        size: 1 << 20,
        device: "/dev/drbd0",
        group: "main",
        preferredMirror: "mirror-a",
        replication: { protocol: "C", resyncRate: "300M" },
      },
    ],
    exports: [{ volume: "r0", protocol: "nbd", address: "10.20.0.10", port: 10809, name: "r0" }],
    clients: [
      {
        name: "app-1",
        host: "kvm-a",
        hosts: ["kvm-a", "kvm-b"],
        managed: true,
        disks: ["r0", "r1"].map((volume, index) => ({
          volume,
          protocol: "nbd",
          target: `vd${"bc"[index]}`,
          bus: "virtio",
          serial: volume,
        })),
        ssh: ssh("storage@app-1"),
      },
    ],
  } as unknown as Inventory;
}
