import { expect, it } from "vitest";
import { rules } from "../../../policy/rules.ts";
import { type StackName, goldenStack } from "./goldenStack.ts";
import { lvmSerial } from "../../../src/plan/backing/lvm.ts";
import { zfsSerial } from "../../../src/plan/backing/zvol.ts";

const said = (name: StackName, config?: object) => {
  const stack = goldenStack(name);
  return rules.flatMap(({ offences }) =>
    offences(config ? { ...stack, config: { ...stack.config, ...config } } : stack),
  );
};
const mirrors = ["mirror-a", "mirror-b"];

it("the golden graph of lab-lvm breaks no rule", () => expect(said("lab-lvm")).toEqual([]));

it("LVM disks and logical volumes are protected where data may not go, until they leave", () => {
  const disks = mirrors.map((mirror) => `${mirror}-lvm-disk, the disk ${lvmSerial} of ${mirror}, is not protected`);
  const volumes = ["r0", "r1"].flatMap((volume) =>
    mirrors.map((mirror) => `${volume}-${mirror}-logical-volume is not protected`),
  );
  const own = ["r2", "marks"].flatMap((name) =>
    mirrors.map((mirror) => {
      const serial = name === "marks" ? "kvm-mirror.marks" : name;
      return `${mirror}-${name}, the disk ${serial} of ${mirror}, is not protected`;
    }),
  );
  expect(said("lab-lvm", { protectData: true }).toSorted()).toEqual([...disks, ...own, ...volumes].toSorted());
  const leaves = { volumes: { r0: { leaves: true }, r2: { leaves: true } }, backing: { lvm: { leaves: true } } };
  const left = said("lab-lvm", { protectData: true, ...leaves });
  expect(left.filter((sentence) => !sentence.includes("marks"))).toEqual(volumes.slice(2));
});

it("so are ZFS disks and zvols", () => {
  expect(said("lab-zvol")).toEqual([]);
  const found = said("lab-zvol", { protectData: true });
  for (const mirror of mirrors)
    expect(found).toEqual(
      expect.arrayContaining([
        `${mirror}-zfs-disk, the disk ${zfsSerial} of ${mirror}, is not protected`,
        `r0-${mirror}-zvol is not protected`,
      ]),
    );
  const leaves = { volumes: { r0: { leaves: true }, r1: { leaves: true } }, backing: { zvol: { leaves: true } } };
  expect(said("lab-zvol", { protectData: true, ...leaves }).filter((sentence) => /zfs|zvol/.test(sentence))).toEqual(
    [],
  );
});
