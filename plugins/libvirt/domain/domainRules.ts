/** Rules over several properties of a domain. */
import type { CheckFailure } from "../../serving/resource.ts";
import type { DomainInputs } from "./domainInputs.ts";

export function domainRules({ disks = [], interfaces = [] }: Partial<DomainInputs>): readonly CheckFailure[] {
  return [
    ...repeated(disks, (disk) => disk?.target?.dev).map(([index, dev]) => ({
      property: `disks[${index}].target.dev`,
      reason: `another disk has the target ${dev} already`,
    })),
    ...repeated(disks, (disk) => disk?.serial).map(([index, serial]) => ({
      property: `disks[${index}].serial`,
      reason: `another disk has the serial ${serial} already`,
    })),
    ...repeated(interfaces, (nic) => nic?.mac).map(([index, mac]) => ({
      property: `interfaces[${index}].mac`,
      reason: `another interface has the MAC address ${mac} already`,
    })),
    ...disks.flatMap((disk, index) =>
      disk?.driver?.io === "native" && disk.driver.cache !== "none" && disk.driver.cache !== "directsync"
        ? [
            {
              property: `disks[${index}].driver.io`,
              reason: "io native needs cache none or directsync: QEMU refuses it otherwise",
            },
          ]
        : [],
    ),
  ];
}

/** Places whose key an earlier place has too. Values still unknown in a preview count as different. */
function repeated<Item>(
  items: readonly Item[],
  key: (item: Item) => string | undefined,
): readonly (readonly [number, string])[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const value = key(item);
    if (value === undefined || !seen.has(value)) {
      if (value !== undefined) seen.add(value);
      return [];
    }
    return [[index, value] as const];
  });
}
