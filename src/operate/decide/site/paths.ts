import { keyPath } from "../../../config/problem.ts";
import { smallestMtu } from "../../../config/machines/networks.ts";
import type { HostPlan } from "../../../plan/machines/hosts.ts";
import type { RowOf } from "../../observe/siteRows.ts";
import { hasBridgeProblem } from "./bridges.ts";
import { everyRow, onHost, setKey, type Site, type SiteProblem } from "./site.ts";

/** Storage addresses that hosts lack, and full packets that do not get from one host to the other. */
export function pathProblems(site: Site): readonly SiteProblem[] {
  const sound = (host: string): boolean => !hasBridgeProblem(site, host, "storage");
  const lacking = everyRow(site, "address").filter(({ host, row }) => row.device === "" && sound(host.name));
  const lacks = (address: string): boolean => lacking.some(({ row }) => row.address === address);
  const paths = everyRow(site, "path").filter(({ host, row }) => {
    const other = site.plan.hosts.find(({ storageAddress }) => storageAddress === row.to);
    return other && sound(host.name) && sound(other.name) && !lacks(row.to);
  });
  return [
    ...lacking.map(({ host, row }) => noAddress(host, row.address)),
    ...bothWays(paths).map(({ host, row }) => brokenPath(site, host, row)),
  ];
}

interface Path {
  readonly host: HostPlan;
  readonly row: RowOf<"path">;
}

/** What is broken in both directions is told once. */
function bothWays(paths: readonly Path[]): readonly Path[] {
  const broken = paths.filter(({ row }) => row.state !== "full");
  return broken.filter(
    ({ host, row }, index) =>
      !broken
        .slice(0, index)
        .some((other) => other.host.storageAddress === row.to && other.row.to === host.storageAddress),
  );
}

function noAddress(host: HostPlan, address: string): SiteProblem {
  const network = host.networks.find(({ role }) => role === "storage");
  const bridge = network?.form.kind === "bridge" ? network.form.bridge : "<bridge>";
  return {
    what: `${host.name} has not got its storageAddress ${address}`,
    means: "Its QEMU reaches no export from there, and exports admit this address alone.",
    command: onHost(host, `ip address add ${address}/${network?.prefix ?? ""} dev ${bridge}`),
  };
}

function brokenPath({ plan }: Site, host: HostPlan, { to, device, bytes, state }: RowOf<"path">): SiteProblem {
  if (state === "silent")
    return {
      what: `${host.name}: nothing answers at ${to}, the other host's storageAddress, from ${device}`,
      means:
        "The hosts' storage bridges are not joined, a switch has the ports in different VLANs, or a firewall drops " +
        "pings.",
      command: onHost(host, `bridge -d link show master ${device}`),
    };
  return {
    what: `${host.name}: packets of ${bytes} bytes do not get from ${device} to ${to}; small ones do`,
    means:
      "Clients connect and then hang at the first full packet: a switch in between has a smaller MTU. Raise it " +
      "there, or use less.",
    command: setKey(plan, keyPath("networks", "storage", "mtu"), bytes > 1500 ? 1500 : smallestMtu),
  };
}
