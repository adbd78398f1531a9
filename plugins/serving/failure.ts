/** Errors as gRPC statuses that the engine understands. */
import grpc from "@grpc/grpc-js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import anyPb from "google-protobuf/google/protobuf/any_pb.js";
import { messageOf } from "./messageOf.ts";
import { PartialFailure } from "./resource.ts";
import { toStruct } from "./wire.ts";

export interface Status {
  readonly code: grpc.status;
  /** gRPC's own name for the message. */
  readonly details: string;
  readonly metadata?: grpc.Metadata;
}

/** The error as a status with its message alone: no stack, nothing that was secret. */
export function statusOf(error: unknown, mask: (message: string) => string = (message) => message): Status {
  const details = mask(messageOf(error));
  if (!(error instanceof PartialFailure)) return { code: grpc.status.UNKNOWN, details };
  return { code: grpc.status.UNKNOWN, details, metadata: initFailed(error, details) };
}

/** `state` of the error must be wrapped already. Go's gRPC reads structured details from this metadata key. */
function initFailed(error: PartialFailure, reason: string): grpc.Metadata {
  const detail = new providerPb.ErrorResourceInitFailed();
  detail.setId(error.id);
  detail.setProperties(toStruct(error.state));
  detail.setReasonsList([reason]);
  const packed = new anyPb.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new statusPb.Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(reason);
  status.addDetails(packed);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}
