import type { NicPlan } from "../../plan/machines/machine.ts";
import { yamlOfCloudInit } from "../yaml.ts";

/**
 * Network configuration of cloud-init, version 2: interfaces found by
 * MAC address and renamed, fixed addresses, IPv4 only.
 */
export function renderNetworkConfig(nics: readonly NicPlan[]): string {
  return yamlOfCloudInit({
    version: 2,
    ethernets: Object.fromEntries(nics.map((nic) => [nic.interface, ethernet(nic)])),
  });
}

function ethernet({ interface: name, mac, address, prefix, mtu, gateway, dns }: NicPlan): unknown {
  return {
    match: { macaddress: mac },
    "set-name": name,
    dhcp4: false,
    dhcp6: false,
    // Addresses come from the plan alone; waiting for router advertisements that never come held up the boot by 12 s.
    "accept-ra": false,
    addresses: [`${address}/${prefix}`],
    ...(mtu === undefined ? {} : { mtu }),
    ...(gateway === undefined ? {} : { routes: [{ to: "0.0.0.0/0", via: gateway }] }),
    ...(dns.length === 0 ? {} : { nameservers: { addresses: dns } }),
  };
}
