import { z } from "zod";
import { wholeNumber } from "../scalars.ts";

/** By mirror, how many disks of one kind were lost for good: 1 and more. */
export const newDisksSchema = () =>
  z
    .record(z.string(), wholeNumber().min(1, { error: "is below 1; leave the mirror out while it has its first disk" }))
    .optional();
