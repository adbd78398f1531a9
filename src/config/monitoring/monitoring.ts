import { z } from "zod";
import { trueOrFalse } from "../scalars.ts";
import { notifySchema } from "./notify.ts";

export const monitoringSchema = z.strictObject({
  nodeExporter: trueOrFalse()
    .default(false)
    .describe(
      "Prometheus' node_exporter on both mirrors (package prometheus-node-exporter, which `up` installs), with " +
        "the metrics of kvm-mirror. It listens at the mirror's management address, port 9100, to whoever reaches it; " +
        "`false` again turns it off",
    ),
  notify: notifySchema.optional(),
});

/** How a site's monitoring sees the mirrors, and whom they tell of trouble. */
export type Monitoring = z.output<typeof monitoringSchema>;
