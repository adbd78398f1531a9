/**
 * Resource `command:local:Command`: a command that runs on the
 * operator's machine when it is created, changed or deleted.
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Call, CheckFailure, ResourceKind } from "../../plugins/serving/resource.ts";
import { runProcess } from "./process.ts";

const InputsSchema = z.strictObject({
  create: z.string().optional(),
  /** Default: `create` runs again. */
  update: z.string().optional(),
  delete: z.string().optional(),
  /** Default: the program's own directory. */
  dir: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  stdin: z.string().optional(),
  interpreter: z.array(z.string()).optional(),
  logging: z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]).optional(),
  /**
   * What the last run printed is in PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR of the next. Left out: it is. No
   * default that would be written into the state: the official plugin writes none, and would see a change.
   */
  addPreviousOutputInEnv: z.boolean().optional(),
  triggers: z.array(z.any()).meta({ replace: true }).optional(),
  assetPaths: z.array(z.string()).optional(),
  archivePaths: z.array(z.string()).optional(),
});

type Inputs = z.infer<typeof InputsSchema>;

/** What the last run printed, each without one newline at its end. */
const OutputsSchema = z.strictObject({ stdout: z.string(), stderr: z.string() });

type Outputs = z.infer<typeof OutputsSchema>;
type State = Inputs & Outputs;

const NOTHING: Outputs = { stdout: "", stderr: "" };

export const Command: ResourceKind<object, Inputs, State> = {
  token: "command:local:Command",
  description: "A command that runs on the operator's machine when it is created, changed or deleted.",
  inputs: InputsSchema,
  outputs: OutputsSchema,
  // No secretOutputs: as with the official plugin, what a command prints is secret where the resource's
  // option additionalSecretOutputs says so, and not because its input is.
  createBeforeDelete: true,

  check: (news) => (["assetPaths", "archivePaths"] as const).flatMap((property) => unsupported(news, property)),
  preview(news, olds) {
    const runs = olds === undefined ? news.create !== undefined : (news.update ?? news.create) !== undefined;
    return runs
      ? ({ stdout: undefined, stderr: undefined } as unknown as Partial<State>)
      : { ...NOTHING, ...outputsOf(olds) };
  },
  async create(_config, inputs, call) {
    const id = `${call.urn.split("::").slice(3).join("::")}${randomBytes(4).toString("hex")}`;
    return { id, state: { ...inputs, ...(await run(inputs.create, inputs, NOTHING, call)) } };
  },
  async read(_config, id, _call, known) {
    if (known === undefined) throw new Error("a command cannot be imported: it has no state of its own");
    return { id, ...known };
  },
  async update(_config, _id, olds, news, call) {
    return { ...news, ...(await run(news.update ?? news.create, news, outputsOf(olds.state), call)) };
  },
  async delete(_config, _id, state, call) {
    await run(state.delete, state, outputsOf(state), call);
  },
};

/** Runs the command and gives what it printed; without one, what was printed before. */
async function run(command: string | undefined, inputs: Inputs, previous: Outputs, call: Call): Promise<Outputs> {
  if (command === undefined) return previous;
  const status = latest((line) => call.status(line));
  const ended = await runProcess({
    argv: [...interpreterOf(inputs), command],
    dir: inputs.dir ?? process.cwd(),
    env: {
      ...process.env,
      ...inputs.environment,
      ...(inputs.addPreviousOutputInEnv === false ? {} : previousEnvironment(previous)),
    },
    stdin: inputs.stdin,
    signal: call.signal,
    onLine: (stream, line) => {
      if (isLogged(inputs, stream)) status(line);
    },
  });
  if (call.signal.aborted)
    throw new Error(
      `cancelled (${ended.failure ?? "the command had ended"}): running ${JSON.stringify(command)}:\n${ended.combined}`,
    );
  if (ended.failure !== undefined)
    throw new Error(`${ended.failure}: running ${JSON.stringify(command)}:\n${ended.combined}`);
  return { stdout: ended.stdout, stderr: ended.stderr };
}

function interpreterOf({ interpreter }: Inputs): readonly [string, ...string[]] {
  const [program, ...args] = interpreter ?? [];
  return program === undefined ? ["/bin/sh", "-c"] : [program, ...args];
}

function previousEnvironment({ stdout, stderr }: Outputs): NodeJS.ProcessEnv {
  return {
    ...(stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: stdout }),
    ...(stderr === "" ? {} : { PULUMI_COMMAND_STDERR: stderr }),
  };
}

function isLogged({ logging }: Inputs, stream: "stdout" | "stderr"): boolean {
  return logging === undefined || logging === "stdoutAndStderr" || logging === stream;
}

function outputsOf(state: Partial<Outputs> | undefined): Outputs {
  return { stdout: state?.stdout ?? "", stderr: state?.stderr ?? "" };
}

function unsupported(news: Partial<Inputs>, property: "assetPaths" | "archivePaths"): CheckFailure[] {
  if (news[property] === undefined) return [];
  return [{ property, reason: "is not supported by this stand-in for the command plugin; the official plugin has it" }];
}

/** Sends lines one at a time; of those that come meanwhile only the last is sent. */
function latest(send: (line: string) => Promise<void>): (line: string) => void {
  let sending = false;
  let waiting: string | undefined;
  const next = (): void => {
    const line = waiting;
    waiting = undefined;
    sending = line !== undefined;
    if (line !== undefined) void send(line).then(next);
  };
  return (line) => {
    waiting = line;
    if (!sending) next();
  };
}
