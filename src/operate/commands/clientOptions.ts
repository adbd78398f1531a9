import { parseArgs } from "node:util";
import { defaultStack } from "./defaultStack.ts";

export const clientUsage = `usage: npm run client -- <name> --resume             lets a client go on that was paused because its storage was away
       npm run client -- <name> --start              starts it on its active KVM host: after a power cut, or a reboot of that host
       npm run client -- <name> --to <KVM host>      shuts it down where it runs and starts it there
  --dry-run           only says what would be done
  --stack <name>      default: lab
  --confirm <phrase>  with --to, when the old KVM host cannot be asked: the phrase that the command shows`;

export interface ClientOptions {
  readonly name: string;
  readonly stack: string;
  readonly dryRun: boolean;
  readonly start: boolean;
  /** KVM host to move to; undefined: resume, or start. */
  readonly to: string | undefined;
  readonly confirm: string | undefined;
}

/** @throws with the usage when the words make no command. */
export function parseClientOptions(args: readonly string[]): ClientOptions {
  const usage = (why: string): Error => new Error(`${why}\n${clientUsage}`);
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        resume: { type: "boolean", default: false },
        start: { type: "boolean", default: false },
        to: { type: "string" },
        stack: { type: "string", default: defaultStack() },
        "dry-run": { type: "boolean", default: false },
        confirm: { type: "string" },
      },
    });
    const [name, ...rest] = positionals;
    if (name === undefined || rest.length > 0) throw usage("say one client");
    if ([values.resume, values.start, values.to !== undefined].filter(Boolean).length !== 1)
      throw usage("say one of --resume, --start and --to <KVM host>");
    if (values.confirm !== undefined && values.to === undefined) throw usage("--confirm belongs to --to");
    return {
      name,
      stack: values.stack,
      dryRun: values["dry-run"],
      start: values.start,
      to: values.to,
      confirm: values.confirm,
    };
  } catch (error) {
    if (error instanceof TypeError) throw usage(error.message);
    throw error;
  }
}
