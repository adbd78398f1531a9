/** Request and answer of gRPC as a function. */
import type grpc from "@grpc/grpc-js";

type Status = Partial<grpc.StatusObject>;

/** A gRPC handler that answers with what `answer` returns, or with the status of what it throws. */
export function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
  statusOf: (error: unknown) => Status,
): grpc.handleUnaryCall<Request, unknown> {
  return (call: { readonly request: Request }, callback: grpc.sendUnaryData<unknown>): void => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(statusOf(error)),
      );
  };
}
