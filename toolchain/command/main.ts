import { z } from "zod";
import { servePlugin } from "../../plugins/serving/server.ts";
import { Command } from "./command.ts";

await servePlugin({ name: "command", version: "1.2.1", config: z.strictObject({}), kinds: [Command] });
