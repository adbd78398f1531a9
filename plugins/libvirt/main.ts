/** The plugin's process. */
import { servePlugin } from "../serving/server.ts";
import { libvirtProvider } from "./definition.ts";
import { openHosts } from "./host/hosts.ts";

await servePlugin(libvirtProvider(openHosts()));
