import type { ClientDiskPlan } from "../../plan/plan.ts";
import { xmlText } from "../quoting.ts";
import { reconnectDelay } from "./nbd/reconnectDelay.ts";

/**
 * A client's disk for `virsh attach-device`, on one KVM host. cache none: the
 * host's page cache would answer for data that no mirror has.
 * error_policy stop: the guest pauses on an I/O error, and goes on where it was
 * when the storage is back. The serial is the guest's stable id.
 * NBD: only libvirt 9.2 and newer takes `<reconnect>`; see nbdForm.ts.
 */
export function renderDiskXml(disk: ClientDiskPlan, host: string): string {
  const attribute = (name: string, value: string | number): string => ` ${name}='${xmlText(String(value))}'`;
  return [
    "<disk type='network' device='disk'>",
    "  <driver name='qemu' type='raw' cache='none' error_policy='stop' rerror_policy='stop'/>",
    `  <source${attribute("protocol", disk.protocol)}${attribute("name", disk.sourceName)}>`,
    `    <host${attribute("name", disk.address)}${attribute("port", disk.port)}/>`,
    ...(disk.protocol === "nbd"
      ? [`    <reconnect${attribute("delay", reconnectDelay)}/>`]
      : initiator(disk, host, attribute)),
    "  </source>",
    `  <target${attribute("dev", disk.target)}${attribute("bus", disk.bus)}/>`,
    `  <serial>${xmlText(disk.serial)}</serial>`,
    "</disk>",
    "",
  ].join("\n");
}

function initiator(
  disk: ClientDiskPlan,
  host: string,
  attribute: (name: string, value: string) => string,
): readonly string[] {
  const name = disk.initiators[host];
  if (name === undefined)
    throw new Error(`disk ${disk.target} of volume ${disk.volume} has no initiator name for host ${host}`);
  return ["    <initiator>", `      <iqn${attribute("name", name)}/>`, "    </initiator>"];
}
