import type { Recorded } from "./record.ts";

/** Names of resources that a step adds, removes and changes. */
export function difference(before: readonly Recorded[], after: readonly Recorded[]) {
  const text = ({ inputs }: Recorded) => JSON.stringify(inputs);
  const find = (all: readonly Recorded[], { type, name }: Recorded) =>
    all.find((one) => one.type === type && one.name === name);
  return {
    added: after.filter((one) => !find(before, one)),
    removed: before.filter((one) => !find(after, one)),
    changed: before.filter((one) => {
      const other = find(after, one);
      return other !== undefined && text(other) !== text(one);
    }),
  };
}
export const names = (resources: readonly Recorded[]) => resources.map(({ name }) => name).sort();
export const ofLibvirt = (resources: readonly Recorded[]) =>
  names(resources.filter(({ type }) => type.startsWith("libvirt:")));
export const everything = ({ added, removed, changed }: ReturnType<typeof difference>) => [
  ...added,
  ...removed,
  ...changed,
];
