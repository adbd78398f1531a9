/** The provider: its configuration and its kinds of resources. */
import type { ProviderDefinition } from "../serving/resource.ts";
import { cloudInitDisk } from "./cloudInitDisk.ts";
import { providerConfig } from "./config.ts";
import type { ProviderConfig } from "./config.ts";
import { domain } from "./domain/domain.ts";
import { domainPower } from "./domain/domainPower.ts";
import type { Hosts } from "./host/hosts.ts";
import { hostVersion } from "./hostVersion.ts";
import { image } from "./image.ts";
import { network } from "./network/network.ts";
import { volume } from "./volume.ts";

export function libvirtProvider(hosts: Hosts): ProviderDefinition<ProviderConfig> {
  return {
    name: "libvirt",
    version: "0.1.0",
    description: "Networks, disks and virtual machines of KVM hosts, over libvirt. One provider a host.",
    config: providerConfig,
    kinds: [
      hostVersion(hosts),
      network(hosts),
      image(hosts),
      volume(hosts),
      cloudInitDisk(hosts),
      domain(hosts),
      domainPower(hosts),
    ],
    close: () => hosts.close(),
  };
}
