import { servePlugin } from "../serving/server.ts";
import { cloudinitProvider } from "./definition.ts";

await servePlugin(cloudinitProvider);
