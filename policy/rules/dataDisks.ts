import { at, list, mirrorDomains, mirrorsOf, ofType, type Resource, type Rule, type Stack, unknown } from "../stack.ts";

/** Caches of QEMU with which a write that a mirror was told is done is on the KVM host's disk (qemu(1), `cache`). */
const safeCaches = ["none", "directsync", "writethrough"];

/** Disks of a mirror whose loss is a loss of data, or of what is known of them: they alone have serials. */
const dataDisks = (mirror: Resource): readonly unknown[] =>
  list(at(mirror.properties, "disks")).filter((disk) => typeof at(disk, "serial") === "string");

/** Whether the stack file says of this stack that its data may go. Production never says so. */
function mayGo({ name, config }: Stack): boolean {
  return name !== "production" && config?.["protectData"] === false;
}

/** Keys of kvm-mirror:backing by the serials of the disks that they are about (src/plan/backing). */
const sharedDisks: Readonly<Record<string, string>> = { "kvm-mirror.lvm": "lvm", "kvm-mirror.zfs": "zvol" };

/** ReplicatedVolume: `<volume>-<mirror>-logical-volume`, `<volume>-<mirror>-zvol`. */
const parts = ["logical-volume", "zvol"];

function unprotectedVolumes(stack: Stack): readonly string[] {
  const endings = mirrorsOf(stack).flatMap((mirror) => parts.map((part) => `-${mirror}-${part}`));
  const leaves = (volume: string): boolean => at(stack.config, "volumes", volume, "leaves") === true;
  return ofType(stack, "command").flatMap(({ name, protect }) => {
    const ending = endings.find((one) => name.endsWith(one));
    if (ending === undefined || protect || leaves(name.slice(0, -ending.length))) return [];
    return [`${name} is not protected`];
  });
}

/** Whether the stack file says that what a disk carries is about to leave. */
function diskLeaves({ config }: Stack, serial: string): boolean {
  const kind = sharedDisks[serial];
  return at(config, ...(kind === undefined ? ["volumes", serial] : ["backing", kind]), "leaves") === true;
}

export const dataDisksProtected: Rule = {
  name: "data-disks-protected",
  description:
    "Data disks, logical volumes and zvols of mirrors are protected from deletion, unless the stack file says " +
    "protectData: false, which stack production may not.",
  offences: (stack) =>
    mayGo(stack)
      ? []
      : [...mirrorDomains(stack).flatMap((mirror) => unprotectedDisks(stack, mirror)), ...unprotectedVolumes(stack)],
};

function unprotectedDisks(stack: Stack, mirror: Resource): readonly string[] {
  return dataDisks(mirror).flatMap((disk) => {
    const serial = String(at(disk, "serial"));
    const name = at(disk, "source", "volume");
    // A volume that leaves is unprotected first, and its disks stay in their pools all the same.
    if (name === unknown || diskLeaves(stack, serial)) return [];
    const volume = ofType(stack, "volume").find(
      ({ host, properties }) => host === mirror.host && properties["name"] === name,
    );
    if (volume === undefined)
      return [`${mirror.name}: its disk ${serial} (${String(name)}) is no volume of this stack`];
    return volume.protect ? [] : [`${volume.name}, the disk ${serial} of ${mirror.name}, is not protected`];
  });
}

export const dataDisksBypassCaches: Rule = {
  name: "data-disks-bypass-caches",
  description:
    "No write waits in a KVM host's memory: data disks of mirrors have cache none, directsync or writethrough.",
  offences: (stack) =>
    mirrorDomains(stack).flatMap((mirror) =>
      dataDisks(mirror).flatMap((disk) => {
        const cache = at(disk, "driver", "cache");
        return cache === unknown || safeCaches.includes(String(cache))
          ? []
          : [`${mirror.name}: its disk ${String(at(disk, "serial"))} has cache ${String(cache)}`];
      }),
    ),
};
