import { z } from "zod";
import { address } from "../address.ts";
import { imageSchema } from "./image.ts";
import { wholeNumber } from "../scalars.ts";
import { formatSize, GiB, MiB, sizeInMiB } from "../sizes.ts";

const vcpus = () =>
  wholeNumber("vCPUs")
    .min(1, { error: "is too few; a machine has at least 1 vCPU" })
    .max(255, { error: "is too many; use at most 255 vCPUs" })
    .default(2)
    .describe("virtual CPUs");

const atLeast = (bytes: number, why: string) =>
  sizeInMiB().refine((value) => value >= bytes, { error: `is too small; ${why} at least ${formatSize(bytes)}` });

const memory = (least: number) => atLeast(least, "this machine needs").prefault("4096MiB").describe("memory");
const osDisk = () =>
  atLeast(2 * GiB, "an OS disk has")
    .prefault("10GiB")
    .describe("size of the OS disk; grows in place, never shrinks");

export const machineSchema = z.strictObject({ vcpus: vcpus(), memory: memory(512 * MiB), osDisk: osDisk() });

/** Shape of both mirrors. Memory and disk in bytes. */
export type Machine = z.output<typeof machineSchema>;

export const clientMachineSchema = z.strictObject({
  vcpus: vcpus(),
  memory: memory(128 * MiB),
  osDisk: osDisk(),
  management: address().describe(
    "address in the management network; the same on every host, since it runs on one at a time",
  ),
  image: imageSchema.optional().describe("image of its OS disk. Default: `kvm-mirror:image`"),
});

/** A client that this stack makes. Memory and disk in bytes. */
export type ClientMachine = z.output<typeof clientMachineSchema>;
