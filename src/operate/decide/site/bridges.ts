import { keyPath } from "../../../config/problem.ts";
import type { HostPlan } from "../../../plan/machines/hosts.ts";
import type { NetworkPlan } from "../../../plan/machines/networks.ts";
import type { RowOf } from "../../observe/siteRows.ts";
import { everyRow, onHost, setKey, type Site, type SiteProblem } from "./site.ts";

type Bridge = RowOf<"bridge">;

/** Bridges of the stack file that are not there, do not join the hosts, or carry less than the networks say. */
export function bridgeProblems(site: Site): readonly SiteProblem[] {
  return everyRow(site, "bridge").flatMap(({ host, row }) => bridgeProblem(site, host, row) ?? []);
}

/** Whether a host's network has a bridge that is not as it should be: what goes over it has no other fault then. */
export function hasBridgeProblem(site: Site, host: string, role: NetworkPlan["role"]): boolean {
  return everyRow(site, "bridge").some(
    ({ host: found, row }) =>
      found.name === host &&
      found.networks.some((network) => network.role === role && isOver(network, row.name)) &&
      bridgeProblem(site, found, row) !== undefined,
  );
}

const isOver = ({ form }: NetworkPlan, bridge: string): boolean => form.kind === "bridge" && form.bridge === bridge;

function bridgeProblem(site: Site, host: HostPlan, bridge: Bridge): SiteProblem | undefined {
  const { name, state, ports } = bridge;
  const networks = host.networks.filter((network) => isOver(network, name));
  const roles = networks.map(({ role }) => role).join(" and ");
  const up = `ip link set dev ${name} up`;
  if (state === "absent")
    return {
      what: `${host.name}: there is no bridge ${name}`,
      means: `The ${roles} network goes over it: mirrors and clients there do not start.`,
      command: onHost(
        host,
        `ip link add name ${name} type bridge`,
        up,
        `ip link set dev <network card> master ${name}`,
      ),
    };
  if (state === "no-bridge")
    return {
      what: `${host.name}: ${name} is a device, and no Linux bridge`,
      means: `No machine can be connected to it, and the ${roles} network goes over it.`,
      command: setKey(site.plan, keyPath("networks", networks[0]?.role ?? "", "bridge"), "<bridge>"),
    };
  if (state === "down")
    return {
      what: `${host.name}: bridge ${name} is down`,
      means: `It carries nothing of the ${roles} network.`,
      command: onHost(host, up),
    };
  if (ports.length === 0 && site.plan.hosts.length > 1)
    return {
      what: `${host.name}: bridge ${name} has no network card`,
      means: `It does not join this host with the other: the ${roles} network ends here.`,
      command: onHost(host, `ip link set dev <network card> master ${name}`),
    };
  if (state === "no-carrier" && ports.length > 0)
    return {
      what: `${host.name}: bridge ${name} has no carrier on ${ports.map((port) => port.name).join(", ")}`,
      means: `The ${roles} network ends here: the card is down, or its cable is out.`,
      command: onHost(host, ...ports.map((port) => `ip link set dev ${port.name} up`)),
    };
  return mtuProblem(site, host, bridge, roles);
}

function mtuProblem(site: Site, host: HostPlan, bridge: Bridge, roles: string): SiteProblem | undefined {
  const { name, mtu, ports } = bridge;
  const said = Math.max(
    0,
    ...host.networks.filter((network) => isOver(network, name)).map((network) => network.mtu ?? 0),
  );
  // Where the stack file says none, guests have the bridge's own. Through management goes ssh, which bears that they
  // differ.
  if (said === 0 && roles === "management") return undefined;
  const wanted =
    said || Math.max(...everyRow(site, "bridge").flatMap(({ row }) => (row.name === name ? [row.mtu] : [])));
  const small = ports.filter((port) => port.mtu < wanted);
  if (mtu >= wanted && small.length === 0) return undefined;
  const which = [
    ...(mtu < wanted ? [`of bridge ${name} is ${mtu}`] : []),
    ...small.map((one) => `of ${one.name} is ${one.mtu}`),
  ];
  return {
    what:
      `${host.name}: the MTU ${which.join(", ")}; ` +
      `${said > 0 ? `the ${roles} network has` : "on another host it is"} ${wanted}`,
    means: "Small packets pass and full ones vanish: DRBD and clients connect and then hang.",
    command: onHost(
      host,
      ...[...small.map((one) => one.name), name].map((dev) => `ip link set dev ${dev} mtu ${wanted}`),
    ),
  };
}
