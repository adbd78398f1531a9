import { at, list, mirrorDomains, ofType, type Resource, type Rule, type Stack, unknown } from "../stack.ts";

/** Caches of QEMU with which a write that a mirror was told is done is on the KVM host's disk (qemu(1), `cache`). */
const safeCaches = ["none", "directsync", "writethrough"];

/** Disks of a mirror whose loss is a loss of data, or of what is known of them: they alone have serials. */
const dataDisks = (mirror: Resource): readonly unknown[] =>
  list(at(mirror.properties, "disks")).filter((disk) => typeof at(disk, "serial") === "string");

/** Whether the stack file says of this stack that its data may go. Production never says so. */
function mayGo({ name, config }: Stack): boolean {
  return name !== "production" && config?.["protectData"] === false;
}

export const dataDisksProtected: Rule = {
  name: "data-disks-protected",
  description:
    "Data disks of mirrors are protected from deletion, unless the stack file says protectData: false, which " +
    "stack production may not.",
  offences: (stack) =>
    mayGo(stack)
      ? []
      : mirrorDomains(stack).flatMap((mirror) =>
          dataDisks(mirror).flatMap((disk) => {
            const serial = String(at(disk, "serial"));
            const name = at(disk, "source", "volume");
            // A volume that leaves is unprotected first, and its disks stay in their pools all the same.
            if (name === unknown || at(stack.config, "volumes", serial, "leaves") === true) return [];
            const volume = ofType(stack, "volume").find(
              ({ host, properties }) => host === mirror.host && properties["name"] === name,
            );
            if (volume === undefined)
              return [`${mirror.name}: its disk ${serial} (${String(name)}) is no volume of this stack`];
            return volume.protect ? [] : [`${volume.name}, the disk ${serial} of ${mirror.name}, is not protected`];
          }),
        ),
};

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
