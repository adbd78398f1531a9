import { z } from "zod";

/** When a disk takes its space in the KVM host's pool. */
export const provisioningSchema = () => z.enum(["full", "thin"]).default("full");
