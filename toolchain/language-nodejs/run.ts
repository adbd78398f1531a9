/** Running the program to its end. */
import { spawn } from "node:child_process";
import { messageOf } from "../../plugins/serving/messageOf.ts";
import { nodeArguments, programEnvironment } from "./program.ts";
import type { Program } from "./program.ts";

/** How a program ended: well, with an error for the user, or with one that the SDK has shown already. */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "shown" }
  | { readonly kind: "error"; readonly message: string };

/** Exit code of the SDK's runner after it has shown the error itself (sdk/nodejs/cmd/run). */
const ERROR_SHOWN = 32;

/** The program's output goes to this process's own, which the engine shows. An abort ends the program. */
export async function runProgram(program: Program, signal: AbortSignal): Promise<Outcome> {
  try {
    const child = spawn(process.execPath, nodeArguments(program), {
      cwd: program.programDirectory,
      env: { ...process.env, ...programEnvironment(program) },
      stdio: ["ignore", "inherit", "inherit"],
      signal,
    });
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, killedBy) => resolve(outcomeOf(code, killedBy)));
    });
  } catch (error) {
    return { kind: "error", message: messageOf(error) };
  }
}

function outcomeOf(code: number | null, killedBy: NodeJS.Signals | null): Outcome {
  if (code === 0) return { kind: "done" };
  if (code === ERROR_SHOWN) return { kind: "shown" };
  if (killedBy !== null) return { kind: "error", message: `the program was ended by ${killedBy}` };
  return { kind: "error", message: `the program exited with status ${code}` };
}
