import type { Inventory } from "../../inventory/inventory.ts";
import { timeOf } from "../observe/evidence.ts";
import type { MachineReports, Span } from "../observe/machineReports.ts";
import type { Seen } from "../observe/observe.ts";

/** What a report is made of. */
export interface Report {
  readonly inventory: Inventory;
  /** What `kvm-mirror status` shows now, and as a document; or why it could not look. */
  readonly status: Seen<{ readonly text: string; readonly document: object }>;
  /** What `kvm-mirror history` shows from the beginning of the span on. */
  readonly history: string;
  readonly machines: MachineReports;
  readonly span: Span;
  /** When it was made, in seconds since 1970. */
  readonly made: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** The files of a report, by name, and who is missing in it: a sentence each. */
export function reportFiles({ inventory, status, history, machines, span, made, versions }: Report): {
  readonly files: ReadonlyMap<string, string>;
  readonly missing: readonly string[];
} {
  const all = [
    ...[...machines.mirrors].map(([name, found]) => ["mirror", name, `${name}.mirror.txt`, found] as const),
    ...[...machines.hosts].map(([name, found]) => ["KVM host", name, `${name}.host.txt`, found] as const),
  ];
  const missing = [
    ...("unreachable" in status ? [`status cannot be shown: ${status.unreachable}`] : []),
    ...all.flatMap(([kind, name, , found]) =>
      "unreachable" in found ? [`${kind} ${name} cannot be asked: ${found.unreachable}`] : [],
    ),
  ];
  const contents: readonly (readonly [name: string, content: string])[] = [
    ...("state" in status
      ? [["status.txt", status.state.text] as const, ["status.json", json(status.state.document)] as const]
      : []),
    ["history.txt", history],
    ["inventory.json", json(inventory)],
    ...all.flatMap(([, , file, found]) => ("state" in found ? [[file, found.state] as const] : [])),
  ];
  const about = [
    `Stack ${inventory.stack}, made at ${timeOf(made)}. ` +
      `Journals are from ${timeOf(span.since)} to ${timeOf(span.until)}.`,
    "",
    ...Object.entries(versions).map(([what, version]) => `${what} ${version}`),
    "",
    "status.txt is the state when this was made, history.txt says who changed what before. Each machine's file says",
    "its state then, and ends with its journal.",
    ...(missing.length === 0 ? [] : ["", "Missing:", ...missing.map((line) => `  ${line}`)]),
    "",
  ].join("\n");
  return {
    files: new Map(
      [["about.txt", about] as const, ...contents].map(([name, content]) => [name, withoutSecrets(content)] as const),
    ),
    missing,
  };
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

/**
 * The machines have taken out what they know to be secret (report.sh). What has the form of a secret goes as well: a
 * log may hold one of another machine.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^]*?(-----END \1-----|$)/g, "[secret]")
    .replace(/\b(shared-secret)(\s+|\s*[=:]\s*)"?[^\s";]+"?/g, "$1$2[secret]")
    .replace(/\b((?:incoming|outgoing)user\s+\S+\s+)\S+/g, "$1[secret]")
    .replace(/\b(PULUMI_CONFIG_PASSPHRASE|PULUMI_ACCESS_TOKEN)=\S+/g, "$1=[secret]");
}
