/** The provider: it has no configuration, and one kind of resource. */
import { z } from "zod";
import type { ProviderDefinition } from "../serving/resource.ts";
import { Config } from "./config.ts";

export const cloudinitProvider: ProviderDefinition<object> = {
  name: "cloudinit",
  version: "0.1.0",
  description: "User data for cloud-init, rendered from its parts.",
  config: z.strictObject({}),
  kinds: [Config],
};
