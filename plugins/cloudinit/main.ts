import { z } from "zod";
import { servePlugin } from "../serving/server.ts";
import { Config } from "./config.ts";

await servePlugin({ name: "cloudinit", version: "0.1.0", config: z.strictObject({}), kinds: [Config] });
