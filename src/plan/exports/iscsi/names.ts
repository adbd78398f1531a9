import { shortHash } from "../../identity.ts";

/**
 * Name by which a client's disk introduces itself: derived from the target,
 * so that no site needs a naming scheme for initiators. A domain's name may have
 * characters that an iSCSI name has not (RFC 3722): they become hyphens.
 */
export function initiatorName(targetIqn: string, client: string, host: string): string {
  return `${targetIqn}:${client.toLowerCase().replace(/[^a-z0-9.-]/g, "-")}.${host}`;
}

/**
 * What a logical unit says about itself, the same on both mirrors, so that an
 * initiator takes them for one disk. The identifier is a T10 vendor
 * designator (SPC-3, 7.6.3.4): eight characters of vendor in front. VMware
 * tells disks apart by the serial's first eight characters.
 */
export function iscsiNames(iqn: string, lun: number): { readonly scsiId: string; readonly scsiSn: string } {
  const hash = shortHash(`${iqn}/${lun}`, 16);
  return { scsiId: `KVM-MIRR${hash}`, scsiSn: hash };
}
