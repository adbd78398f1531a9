import { z } from "zod";

const text = z.string();
const whole = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(Number);
const yes = z.enum(["yes", "no"]).transform((word) => word === "yes");
const row = <Name extends string, Shape extends z.core.$ZodLooseShape>(probe: Name, shape: Shape) =>
  z.strictObject({ probe: z.literal(probe), ...shape });

/** A line of scripts/host/site-facts.sh; its first comment says what each means. */
const RowSchema = z.discriminatedUnion("probe", [
  /** Seconds since 1970. */
  row("host", {
    time: z
      .string()
      .regex(/^\d+\.\d+$/)
      .transform(Number),
    root: yes,
  }),
  /** `10:30:100`, or one number. */
  row("sshd", { maxStartups: z.string().regex(/^\d+(:\d+)*$/) }),
  row("libvirt", { libvirt: text, qemu: text }),
  /** Whether libvirt calls the hook that goes by permits (scripts/host/lib/permits.sh). */
  row("hook", { state: z.enum(["called", "waits", "old", "absent"]) }),
  row("kvm", { state: z.enum(["works", "no-device", "refused"]), said: text }),
  /** `ports`: those that are no guest's. */
  row("bridge", {
    name: text,
    state: z.enum(["up", "down", "no-carrier", "absent", "no-bridge"]),
    mtu: whole,
    ports: text.transform((words) =>
      words.split(" ").flatMap((word) => {
        const [, name, mtu] = /^(.+):(\d+)$/.exec(word) ?? [];
        return name === undefined ? [] : [{ name, mtu: Number(mtu) }];
      }),
    ),
  }),
  /** Bytes; `promised`: what disks of ours may still take. */
  row("pool", { name: text, state: text, type: text, free: whole, promised: whole }),
  row("volume", { name: text }),
  /** `owner`: the stack that made it, `project/stack`; empty: none. */
  row("domain", { name: text, owner: text }),
  row("image", {
    source: text,
    state: z.enum(["ok", "absent", "unreachable", "no-list", "not-listed", "differs"]),
    said: text,
  }),
  /** `device`: empty where this host has not got the address. */
  row("address", { address: text, device: text }),
  row("path", { to: text, device: text, bytes: whole, state: z.enum(["full", "small", "silent"]) }),
  /** `own`: this host has it; `no-way`: this host has no address beside it. */
  row("free", { address: text, state: z.enum(["free", "taken", "own", "no-way"]), mac: text }),
  row("tcp", { address: text, port: whole, state: z.enum(["open", "closed"]) }),
  row("forward", {
    calls: text.transform((word) => word === "1"),
    policy: text,
    accepts: yes,
    manager: z.enum(["docker", "ufw", "none"]),
  }),
  row("unknown", { of: text, why: text }),
]);
export type Row = z.output<typeof RowSchema>;
type Probe = Row["probe"];
export type RowOf<Name extends Probe> = Extract<Row, { readonly probe: Name }>;

/** The lines of a host's answer. @throws when one is not understood, or the first of all is missing */
export function parseRows(answer: string): readonly Row[] {
  const rows = answer
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => RowSchema.parse(JSON.parse(line)));
  if (rowsOf(rows, "host").length !== 1) throw new Error("site-facts.sh has not told what this host is");
  return rows;
}

/** The rows of one probe, in their order. */
export function rowsOf<Name extends Probe>(rows: readonly Row[], probe: Name): readonly RowOf<Name>[] {
  return rows.filter((one): one is RowOf<Name> => one.probe === probe);
}
