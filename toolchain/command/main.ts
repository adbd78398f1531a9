import { z } from "zod";
import { servePlugin } from "../../plugins/serving/server.ts";
import { Command } from "./command.ts";

await servePlugin({
  name: "command",
  version: "1.2.1",
  description: "Commands on the operator's machine: what this project uses of the official command plugin.",
  config: z.strictObject({}),
  kinds: [Command],
});
