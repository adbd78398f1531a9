import type { HostVersions } from "../exportProtocol.ts";

/**
 * How a domain gets an NBD disk that waits for its server: by libvirt's own
 * element, or by arguments for QEMU in the domain's definition.
 */
export type NbdForm = "libvirt" | "qemu";

/**
 * `<reconnect delay=…/>` is there since this version (NEWS.rst, 9.2.0); an older libvirt leaves it out without a word.
 */
const firstLibvirt = "9.2.0";
/**
 * `reconnect-delay` of NBD and `keep-alive` of its socket are there since
 * this version (qapi/block-core.json, qapi/sockets.json).
 */
const firstQemu = "4.2.0";

/** Whether QEMU can wait for a server that is away at all. */
export function canWait({ qemu }: HostVersions): boolean {
  return reaches(qemu, firstQemu);
}

/** @throws when QEMU is too old to wait for a server at all. */
export function nbdForm({ libvirt, qemu }: HostVersions): NbdForm {
  if (!canWait({ libvirt, qemu }))
    throw new Error(
      `QEMU ${qemu} cannot wait for an NBD server that is away; ${firstQemu} is the ` +
        "first that can: attach by iSCSI there, or upgrade it",
    );
  return reaches(libvirt, firstLibvirt) ? "libvirt" : "qemu";
}

/** Whether a version is this one or a later one. @throws when one of them is not made of numbers and dots. */
export function reaches(version: string, first: string): boolean {
  const numbers = (text: string): readonly number[] => {
    if (!/^\d+(\.\d+)*$/.test(text)) throw new Error(`${JSON.stringify(text)} is no version`);
    return text.split(".").map(Number);
  };
  const [have, want] = [numbers(version), numbers(first)];
  for (let place = 0; place < want.length; place++) {
    const difference = (have[place] ?? 0) - (want[place] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
