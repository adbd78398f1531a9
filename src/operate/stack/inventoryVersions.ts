import { z } from "zod";

const preferring = z.looseObject({ primary: z.string() });

/** What the first version called otherwise. */
const FirstVersion = z.looseObject({
  version: z.literal(1),
  groups: z.array(preferring),
  volumes: z.array(preferring),
});

/**
 * An inventory of an earlier version in the words of this one: until the next `up`, the stack's output and the last
 * good copies are what an older clone wrote, and a failover has to work with them.
 * - version 1: `primary` of a group and of a volume is `preferredMirror` since
 * @returns what it was given where that is no inventory of an earlier version; the schema says what is wrong with it
 */
export function toCurrent(value: unknown): unknown {
  const { success, data } = FirstVersion.safeParse(value);
  if (!success) return value;
  return { ...data, version: 2, groups: data.groups.map(renamed), volumes: data.volumes.map(renamed) };
}

function renamed({ primary, ...rest }: z.infer<typeof preferring>): object {
  return { ...rest, preferredMirror: primary };
}
