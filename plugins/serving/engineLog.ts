/** Messages to the user through the engine's Log service. */
import grpc from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";

export interface LogEntry {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  readonly urn: string;
  /** Shown in the status column while the operation runs, and then gone. */
  readonly ephemeral: boolean;
}

export interface EngineLog {
  write(entry: LogEntry): Promise<void>;
  close(): void;
}

const SEVERITIES = {
  info: enginePb.LogSeverity.INFO,
  warning: enginePb.LogSeverity.WARNING,
  error: enginePb.LogSeverity.ERROR,
};

/**
 * Connects at the first message. A message that the engine does not take (it is ending) goes to the plugin's stderr.
 */
export function connectLog(engineAddress: string): EngineLog {
  let client: InstanceType<typeof engineGrpc.EngineClient> | undefined;
  return {
    write(entry) {
      client ??= new engineGrpc.EngineClient(engineAddress, grpc.credentials.createInsecure());
      const request = new enginePb.LogRequest();
      request.setSeverity(SEVERITIES[entry.severity]);
      request.setMessage(entry.message);
      request.setUrn(entry.urn);
      request.setEphemeral(entry.ephemeral);
      const open = client;
      return new Promise((resolve) => {
        open.log(request, (error) => {
          if (error !== null) process.stderr.write(`${entry.severity}: ${entry.message}\n`);
          resolve();
        });
      });
    },
    close: () => client?.close(),
  };
}
