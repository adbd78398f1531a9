import type { ClientDiskPlan } from "../../plan/clients/clients.ts";
import { xmlText } from "../quoting.ts";

/**
 * A client's disk for `virsh attach-device`, on one KVM host. cache none: the
 * host's page cache would answer for data that no mirror has.
 * error_policy stop: the guest pauses on an I/O error, and goes on where it was
 * when the storage is back. The serial is the guest's stable id.
 * @param source lines that its protocol adds to the source, indented by four
 */
export function renderDiskXml(disk: ClientDiskPlan, source: readonly string[]): string {
  return [
    "<disk type='network' device='disk'>",
    "  <driver name='qemu' type='raw' cache='none' error_policy='stop' rerror_policy='stop'/>",
    `  <source${xmlAttribute("protocol", disk.protocol)}${xmlAttribute("name", disk.sourceName)}>`,
    `    <host${xmlAttribute("name", disk.address)}${xmlAttribute("port", disk.port)}/>`,
    ...source,
    "  </source>",
    `  <target${xmlAttribute("dev", disk.target)}${xmlAttribute("bus", disk.bus)}/>`,
    `  <serial>${xmlText(disk.serial)}</serial>`,
    "</disk>",
    "",
  ].join("\n");
}

/** ` name='value'`. */
export function xmlAttribute(name: string, value: string | number): string {
  return ` ${name}='${xmlText(String(value))}'`;
}
