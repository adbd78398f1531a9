/** A network as libvirt's XML. */
import { isDeepStrictEqual } from "node:util";
import type { Owner } from "../owner.ts";
import { appendXml, attribute, children, find, parseXml, remove, serializeXml, textOf } from "../xml/dom.ts";
import type { Element } from "../xml/dom.ts";
import { element, renderXml } from "../xml/element.ts";
import type { XmlElement } from "../xml/element.ts";
import { ownerElement, writeOwner } from "../xml/ownerElement.ts";
import type { NetworkInputs } from "./networkInputs.ts";

/** What the XML says; whether the network is active and starts with the host is not part of it. */
export type NetworkDefinition = Omit<NetworkInputs, "autostart" | "active">;

export function renderNetwork(network: NetworkDefinition, uuid: string, owner: Owner): string {
  return renderXml(
    element("network", {}, [
      element("name", {}, network.name),
      element("uuid", {}, uuid),
      element("metadata", {}, [ownerElement(owner)]),
      ...definition(network),
    ]),
  );
}

function definition({ forward, bridge, mtu, ips }: NetworkDefinition): readonly (XmlElement | undefined)[] {
  return [
    forward && element("forward", { mode: forward.mode }),
    bridge && element("bridge", { name: bridge.name }),
    mtu === undefined ? undefined : element("mtu", { size: mtu }),
    ...ips.map(({ address, prefix, dhcp }) =>
      element(
        "ip",
        { address, prefix },
        dhcp && [element("dhcp", {}, [element("range", { start: dhcp.start, end: dhcp.end })])],
      ),
    ),
  ];
}

/**
 * What the XML of a network says; `declared` keeps what libvirt chose by itself,
 * such as the bridge's name, from being taken for a change.
 */
export function readNetwork(root: Element, declared: NetworkDefinition | undefined): NetworkDefinition {
  const mode = attribute(find(root, "forward"), "mode");
  const bridge = attribute(find(root, "bridge"), "name");
  const mtu = attribute(find(root, "mtu"), "size");
  const bridgeChosen = declared ? declared.bridge === undefined && mode !== "bridge" : mode !== "bridge";
  return {
    name: textOf(find(root, "name")) ?? "",
    ...(mode === undefined ? {} : { forward: { mode: mode as "bridge" | "nat" } }),
    ...(bridge === undefined || bridgeChosen ? {} : { bridge: { name: bridge } }),
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
    ips: children(root, "ip").map(readIp),
  };
}

function readIp(ip: Element): NetworkDefinition["ips"][number] {
  const range = find(ip, "dhcp", "range");
  const start = attribute(range, "start");
  const end = attribute(range, "end");
  return {
    address: attribute(ip, "address") ?? "",
    prefix: prefixOf(ip),
    ...(start !== undefined && end !== undefined ? { dhcp: { start, end } } : {}),
  };
}

/** libvirt takes and prints either a prefix length or a netmask. */
function prefixOf(ip: Element): number {
  const mask = attribute(ip, "netmask");
  if (mask === undefined) return Number(attribute(ip, "prefix") ?? NaN);
  return mask
    .split(".")
    .map((part) => Number(part).toString(2).replaceAll("0", "").length)
    .reduce((sum, bits) => sum + bits, 0);
}

/**
 * Changes a present definition into the wanted one and keeps the rest of it (UUID, MAC of
 * the bridge, DNS, metadata of others). Undefined: nothing to change.
 */
export function editNetwork(xml: string, wanted: NetworkDefinition, owner: Owner): string | undefined {
  const root = parseXml(xml, `network ${wanted.name}`);
  const before = serializeXml(root);
  writeOwner(root, owner);
  const present = readNetwork(root, wanted);
  if (!isDeepStrictEqual(present.forward, wanted.forward))
    replaceAll(root, "forward", wanted.forward && [element("forward", { mode: wanted.forward.mode })]);
  if (!isDeepStrictEqual(present.bridge, wanted.bridge))
    replaceAll(root, "bridge", wanted.bridge && [element("bridge", { name: wanted.bridge.name })]);
  if (present.mtu !== wanted.mtu)
    replaceAll(root, "mtu", wanted.mtu === undefined ? [] : [element("mtu", { size: wanted.mtu })]);
  if (!isDeepStrictEqual(present.ips, wanted.ips))
    replaceAll(root, "ip", definition({ name: wanted.name, ips: wanted.ips }));
  const after = serializeXml(root);
  return after === before ? undefined : after;
}

function replaceAll(root: Element, name: string, news: readonly (XmlElement | undefined)[] = []): void {
  for (const old of children(root, name)) remove(old);
  for (const added of news) if (added) appendXml(root, renderXml(added));
}
