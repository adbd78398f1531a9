/** The end of a file in a pool, for every kind of resource that is one. */
import type { Call } from "../../serving/resource.ts";
import type { Host } from "../host/host.ts";
import { markLines, parseOwner } from "./poolFile.ts";
import { directoryPool } from "./pools.ts";

export interface PoolFileState {
  readonly pool: string;
  readonly name: string;
  /** Whose mark the file carries, `<project>/<stack> <resource>`. */
  readonly mark: string;
}

/** Deletes the file. One that has been given another mark meanwhile is left alone, with a warning. */
export async function deleteFile(host: Host, state: PoolFileState, call: Call): Promise<void> {
  const pool = await directoryPool(host, state.pool, call.signal);
  const output = await host.run({
    script: "delete-file",
    args: [pool.name, pool.dir, state.name],
    document: markLines(parseOwner(state.mark)),
    signal: call.signal,
    deadline: 0,
    onStatus: (line) => void call.status(line),
  });
  if (output.trim() === "foreign") {
    await call.log(
      "warning",
      `${state.pool}/${state.name} on ${host.name} belongs to another resource by now: left there`,
    );
  }
}
