import { keyPath } from "../../../config/problem.ts";
import type { FencePlan, QdevicePlan } from "../../../plan/placement/failover.ts";
import { everyRow, setKey, type Site, type SiteProblem } from "./site.ts";

/** Fencing that would not work, and a third vote that is not there; nothing in manual mode. */
export function fencingProblems(site: Site): readonly SiteProblem[] {
  const { failover } = site.plan;
  if (failover.mode === "manual") return [];
  const { fences, qdevice } = failover;
  return [
    ...fences.flatMap((fence) => (site.sight.fences.size > 0 ? tried(site, fence) : before(site, fence))),
    ...(qdevice ? thirdVote(site, qdevice) : []),
  ];
}

/** By a dry run on the mirror that would do it. One that does not answer has its own line. */
function tried({ sight, mirrors }: Site, { mirror, by, host, address }: FencePlan): readonly SiteProblem[] {
  const seen = sight.fences.get(by);
  const self = mirrors.get(by);
  if (!seen || !self || "unreachable" in self) return [];
  const means = `When ${mirror} is lost, ${by} waits for a fencing that does not succeed, and its clients with it.`;
  // Its key, shell and host key are set up by `up`.
  const command = "pulumi up --refresh";
  if ("unreachable" in seen)
    return [{ what: `${by}: the dry run of fencing ${mirror} failed: ${seen.unreachable}`, means, command }];
  const { status, said } = seen.state;
  if (status === null)
    return [
      { what: `${by} cannot ask ${host} (${address}) about ${mirror}, as fencing would: ${said}`, means, command },
    ];
  const target = mirrors.get(mirror);
  if (status === "off" && target && "state" in target)
    return [
      {
        what: `${by} is told by ${host} (${address}) that ${mirror} is off, and ${mirror} answers`,
        means: "Fencing looks at another domain or host: the cluster would promote a second primary.",
        command,
      },
    ];
  return [];
}

/** Before there are mirrors: whether the KVM host's sshd answers where they will look for it. */
function before(site: Site, { by, host, address, port }: FencePlan): readonly SiteProblem[] {
  if (!isClosed(site, address, port)) return [];
  return [
    {
      what: `nothing answers at ${address}:${port}, where ${by} will reach the sshd of ${host} for fencing`,
      means: "Automatic failover cannot turn a mirror off there, and `up` fails.",
      command: setKey(site.plan, keyPath("hosts", host, "fenceAddress"), "<its address in the management network>"),
    },
  ];
}

/** Mirrors know best; before there are any, the KVM hosts are asked. */
function thirdVote(site: Site, { address, port, login }: QdevicePlan): readonly SiteProblem[] {
  const said = [...site.mirrors.values()].flatMap((seen) =>
    "state" in seen ? (seen.state.cluster?.qdevice ?? []) : [],
  );
  const missing = said.length > 0 ? said.includes(false) : isClosed(site, address, port);
  if (!missing) return [];
  return [
    {
      what: `the third vote does not answer at ${address}:${port}`,
      means: "Without it a mirror that is alone has one vote of three, and stops.",
      command: `ssh ${login.replace(/^(.*):(\d+)$/, "-p $2 $1")} sudo systemctl enable --now corosync-qnetd`,
    },
  ];
}

/** Every host that was asked says so. */
function isClosed(site: Site, address: string, port: number): boolean {
  const rows = everyRow(site, "tcp").filter(({ row }) => row.address === address && row.port === port);
  return rows.length > 0 && rows.every(({ row }) => row.state === "closed");
}
