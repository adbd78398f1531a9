/** Which of a program's processes takes how much of the processors, as /proc says while they run. */
import { readdirSync, readFileSync } from "node:fs";

/** Seconds of processors by what a process is. */
export type Used = Readonly<Record<string, number>>;

/** Hundredths of a second: USER_HZ of Linux. */
const ticks = 100;

/** Looks at a process and all that it starts, until `end`. What a process uses after the last look is not in it. */
export function follow(root: number): { end(): Used } {
  const seen = new Map<number, { role: string; ticks: number }>();
  const look = (): void => {
    const all = processes();
    const ours = new Set([root]);
    // A child has a higher number than its parent, but for a wrap: twice round finds those, too.
    for (let round = 0; round < 2; round++) for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
    for (const { pid, used } of all) {
      if (!ours.has(pid) || pid === root) continue;
      const role = roleOf(pid) ?? seen.get(pid)?.role;
      if (role !== undefined) seen.set(pid, { role, ticks: used });
    }
  };
  const timer = setInterval(look, 100);
  return {
    end() {
      clearInterval(timer);
      const by: Record<string, number> = {};
      for (const { role, ticks: used } of seen.values()) by[role] = (by[role] ?? 0) + used / ticks;
      return by;
    },
  };
}

function processes(): { readonly pid: number; readonly parent: number; readonly used: number }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`);
      // proc(5): behind the command's name, which may hold anything, come state and parent; utime is the 12th.
      const words = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
      return words === undefined
        ? []
        : [{ pid: Number(name), parent: Number(words[1]), used: Number(words[11]) + Number(words[12]) }];
    });
}

/** `undefined`: it has ended. */
function roleOf(pid: number): string | undefined {
  const line = read(`/proc/${pid}/cmdline`)?.split("\0").join(" ");
  if (line === undefined || line === "") return undefined;
  if (/pulumi-language-nodejs/.test(line)) return "language host";
  if (/@pulumi\/pulumi\/cmd\/run|cmd\/run\b/.test(line)) return "program";
  const plugin = /scale\/libvirt|plugins\/cloudinit|resource-command/.exec(line)?.[0];
  if (plugin !== undefined) return plugin.replace(/^.*\//, "").replace("resource-", "");
  return /(^|\/)pulumi /.test(line) ? "engine" : "other";
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
