import * as pulumi from "@pulumi/pulumi";
import { ConfigError } from "../config/problem.ts";

/** Mistakes of the stack file as the error that Pulumi shows as its message alone, without a stack trace. */
export function asRunError<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
