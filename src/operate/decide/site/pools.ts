import { keyPath } from "../../../config/problem.ts";
import { readableSize } from "../../../config/sizes.ts";
import type { HostPlan } from "../../../plan/machines/hosts.ts";
import { volumesOn } from "../../observe/siteQuestions.ts";
import { rowsOf } from "../../observe/siteRows.ts";
import { answeredHosts, type Answered, onHost, setKey, type Site, type SiteProblem } from "./site.ts";

/** Pools that are not there, or have no room for what `up` still has to make. */
export function poolProblems(site: Site): readonly SiteProblem[] {
  return answeredHosts(site).flatMap((answered) => poolProblem(site, answered));
}

function poolProblem(site: Site, { host, rows }: Answered): readonly SiteProblem[] {
  const [pool] = rowsOf(rows, "pool");
  if (!pool) return [];
  const { name, state, type, free, promised } = pool;
  const needed = "The disks of machines on this host are made in it.";
  const start = [`virsh pool-start ${name}`, `virsh pool-autostart ${name}`];
  if (state === "absent")
    return [
      {
        what: `${host.name}: there is no storage pool ${name}`,
        means: needed,
        command: onHost(host, ...make(host), ...start),
      },
    ];
  if (state !== "running")
    return [{ what: `${host.name}: storage pool ${name} is ${state}`, means: needed, command: onHost(host, ...start) }];
  if (type !== "dir")
    return [
      {
        what: `${host.name}: storage pool ${name} is of type ${type}`,
        means: "Disks are files here: only a pool of type dir can hold them.",
        command: setKey(site.plan, keyPath("hosts", host.name, "pool"), "<pool of type dir>"),
      },
    ];
  const there = new Set(rowsOf(rows, "volume").map((volume) => volume.name));
  const missing = volumesOn(site.plan, host.name).filter(({ volumeName }) => !there.has(volumeName));
  const bytes = missing.reduce((sum, volume) => sum + volume.bytes, 0);
  if (bytes === 0 || bytes <= free - promised) return [];
  const rest = promised === 0 ? "" : `, of which disks that are there may still take ${readableSize(promised)}`;
  return [
    {
      what:
        `${host.name}: storage pool ${name} has ${readableSize(free)} free${rest}; ` +
        `\`up\` needs ${readableSize(bytes)}`,
      means: `There is no room for ${missing.length === 1 ? "one disk" : `${missing.length} disks`}: make some.`,
      command: onHost(host, `virsh vol-list --details ${name}`),
    },
  ];
}

function make({ pool }: HostPlan): readonly string[] {
  const folder = pool === "default" ? "/var/lib/libvirt/images" : `/var/lib/libvirt/images/${pool}`;
  return [`virsh pool-define-as ${pool} dir --target ${folder}`, `virsh pool-build ${pool}`];
}
