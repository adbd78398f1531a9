import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { messageOf } from "../../../plugins/serving/messageOf.ts";
import { shortName } from "./inventorySchema.ts";
import { askPulumi, repository } from "./pulumiCommand.ts";

/** Whose a lock is (lockContent of Pulumi's backend/diy/lock.go). */
const lockSchema = z.object({ pid: z.number(), username: z.string(), hostname: z.string(), timestamp: z.string() });
export type Lock = z.infer<typeof lockSchema>;

/** A lock for a message: whose, and since when. */
export const lockWords = ({ pid, username, hostname, timestamp }: Lock): string =>
  `process ${pid} of ${username}@${hostname}, since ${timestamp.slice(0, 19).replace("T", " ")}`;

const exportSchema = z.object({
  deployment: z
    .object({
      pending_operations: z
        .array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) }))
        .nullish()
        .transform((list) => list ?? []),
    })
    .nullable(),
});

/** An operation that was begun, and of which Pulumi does not know how it ended. */
export interface Pending {
  /** `creating`, `updating`, `deleting`, … */
  readonly type: string;
  /** The resource's name: the last part of its URN. */
  readonly name: string;
}

/** Why something of it is not known. `elsewhere`: this machine cannot know it, and nothing is wrong. */
export interface Unknown {
  readonly why: string;
  readonly elsewhere: boolean;
}

/** What a killed `up` leaves in Pulumi's state. */
export interface StateOfPulumi {
  readonly pending: readonly Pending[] | Unknown;
  readonly locks: readonly Lock[] | Unknown;
}

const unknown = (why: string): Unknown => ({ why, elsewhere: false });

/** Pulumi's state of a stack. It is read; the stack is not locked for that. */
export function stateOfPulumi(stack: string): StateOfPulumi {
  return { pending: pending(stack), locks: locksOf(stack) };
}

function pending(stack: string): readonly Pending[] | Unknown {
  const answer = askPulumi(["stack", "export", "--stack", stack], 60);
  return "said" in answer ? pendingOperations(answer.said) : unknown(answer.why);
}

/** The pending operations of an exported state. Nothing else of it is kept or told: it holds inputs of resources. */
export function pendingOperations(exported: string): readonly Pending[] | Unknown {
  const { data } = exportSchema.safeParse(parsed(exported));
  if (data === undefined) return unknown("what `pulumi stack export` prints is not understood");
  return (data.deployment?.pending_operations ?? []).map(({ type, resource: { urn } }) => ({
    type,
    name: urn.slice(urn.lastIndexOf("::") + 2),
  }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Who has locked a stack. */
export function locksOf(stack: string): readonly Lock[] | Unknown {
  const answer = askPulumi(["whoami", "--json"], 20);
  if (!("said" in answer)) return unknown(answer.why);
  const { data } = z.object({ url: z.string() }).safeParse(parsed(answer.said));
  if (data === undefined) return unknown("`pulumi whoami --json` names no backend");
  const folder = lockFolder(data.url, stack);
  if (folder === undefined)
    return { why: "Pulumi's backend is not a folder of this machine: `pulumi up` says it", elsewhere: true };
  return locksIn(folder);
}

/** The locks in a folder; none where there is no such folder. */
export function locksIn(folder: string): readonly Lock[] | Unknown {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => lockSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8"))));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    return unknown(`${folder}: ${messageOf(error)}`);
  }
}

/**
 * Where a backend on this machine keeps a stack's locks (stackLockDir of backend/diy/lock.go).
 * @param url of the backend, for example `file:///var/lib/pulumi?metadata=skip` or `file://~`
 * @returns undefined for another kind of backend
 */
export function lockFolder(url: string, stack: string): string | undefined {
  const path = /^file:\/\/([^?]*)/.exec(url)?.[1];
  if (path === undefined) return undefined;
  const home = path.replace(/^~(?=\/|$)/, homedir());
  const root = isAbsolute(home) ? fileURLToPath(`file://${home}`) : join(repository, home);
  return join(root, ".pulumi/locks/organization/kvm-mirror", shortName(stack));
}
