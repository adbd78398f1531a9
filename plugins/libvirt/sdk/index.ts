/** Networks, disks and virtual machines of KVM hosts, over libvirt. Names of arguments are those of libvirt's XML. */
export { Provider } from "./provider.ts";
export type { ProviderArgs } from "./provider.ts";
export { Network } from "./network.ts";
export type { NetworkArgs, NetworkIp } from "./network.ts";
export { HostVersion } from "./hostVersion.ts";
export { Image } from "./image.ts";
export type { ImageArgs } from "./image.ts";
export { Volume } from "./volume.ts";
export type { VolumeArgs } from "./volume.ts";
export { CloudInitDisk } from "./cloudInitDisk.ts";
export type { CloudInitDiskArgs } from "./cloudInitDisk.ts";
export { Domain } from "./domain.ts";
export type { DomainArgs, DomainDisk, DomainInterface } from "./domain.ts";
export { DomainState } from "./domainState.ts";
export type { DomainStateArgs } from "./domainState.ts";
