/** Start and end of a provider's process, as the engine expects them. */
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { createServer, engineAddressOf, listen, onEnd } from "./process.ts";
import type { ProviderDefinition } from "./resource.ts";
import { providerService } from "./service.ts";

/**
 * Serves the provider on a free port of 127.0.0.1 and prints that port
 * on stdout, alone on the first line. Ends on SIGINT,
 * SIGTERM, or when the engine that started it has died: then what is
 * under way is aborted and the connections are closed.
 */
export async function servePlugin<Config>(definition: ProviderDefinition<Config>): Promise<void> {
  const service = providerService(definition, engineAddressOf(process.argv.slice(2)));
  const server = createServer();
  server.addService(providerGrpc.ResourceProviderService, service.handlers);
  onEnd(async () => {
    await service.stop();
    // Not tryShutdown: it waits for connections, and one that the engine
    // closes at the same moment may never count as closed.
    server.forceShutdown();
  });
  process.stdout.write(`${await listen(server)}\n`);
}
