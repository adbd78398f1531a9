import type { GroupView } from "../observe/groupSight.ts";

/**
 * What of a group's configuration is not the same on both mirrors; empty when all is,
 * or when only one mirror answers. Whom a group admits, and how its
 * volumes replicate, would then depend on where it runs: the next switch or failover leaves a client outside.
 */
export function unequal({ group, sights: [one, other] }: GroupView): readonly string[] {
  if (!one || !other) return [];
  const mirrors = `${one.mirror} and ${other.mirror}`;
  const volumes = one.volumes.filter(({ name, configuration }) =>
    differ(configuration, other.volumes.find((volume) => volume.name === name)?.configuration),
  );
  return [
    ...(differ(one.configuration, other.configuration)
      ? [`group ${group}: exports and admissions of ${mirrors} are not the same; ${makesThemSo}`]
      : []),
    ...volumes.map(({ name }) => `volume ${name}: the DRBD settings of ${mirrors} are not the same; ${makesThemSo}`),
  ];
}

/** A mirror with the tools of an earlier version says nothing: no difference is known. */
function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

/** `up` runs nothing again of which it knows no change. */
export const makesThemSo =
  "`pulumi up` makes them so (where it shows no change: count kvm-mirror:installAgain up in the stack file first)";
