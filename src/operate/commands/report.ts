import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Inventory } from "../../inventory/inventory.ts";
import { readableSize } from "../../config/sizes.ts";
import { Refused } from "../../refused.ts";
import { machineReports, type Span } from "../observe/machineReports.ts";
import { type Seen, seenOf } from "../observe/observe.ts";
import { shortName } from "../stack/inventorySchema.ts";
import { version } from "../stack/version.ts";
import { momentOf } from "../tell/moment.ts";
import { renderHistory } from "../tell/renderHistory.ts";
import { renderStatus, statusDocument } from "../tell/renderStatus.ts";
import { reportFiles } from "../tell/reportFiles.ts";
import { historySince } from "./history.ts";
import { inventoryFor } from "./look.ts";
import type { Common } from "./options.ts";
import { picture } from "./status.ts";

export interface ReportOptions extends Common {
  /** As they were typed (moment.ts). Without them it is about the last two hours. */
  readonly since: string;
  readonly until: string | undefined;
  /** Where it goes; without it a new file here, named after stack and time. */
  readonly file: string | undefined;
}

/**
 * `kvm-mirror report`: one file (.tar.gz, readable by its owner alone) with what a colleague needs to help. A mirror or
 * host that does not answer is named in it.
 * @throws Refused for a time that is none, and for a file that is there already
 */
export async function report(options: ReportOptions): Promise<void> {
  const { screen } = options;
  const made = Math.floor(Date.now() / 1000);
  const span = spanOf(options, made);
  const target = resolve(options.file ?? `kvm-mirror-${shortName(options.stack)}-${stamp(made)}.tar.gz`);
  await refuseIfThere(target);
  const inventory = await inventoryFor(options);
  const status = await statusOf(inventory, options);
  const machines = await screen.during("reading the journals of mirrors and KVM hosts", () =>
    machineReports(inventory, span),
  );
  const history = renderHistory(await historySince(inventory, span.since));
  const versions = { "kvm-mirror": version(), node: process.version };
  const { files, missing } = reportFiles({ inventory, status, history, machines, span, made, versions });
  const size = await pack(files, target);
  for (const line of missing) screen.note(line);
  screen.say(
    `${target} (${readableSize(size)}): what ${files.size} files say of stack ${inventory.stack}, for a colleague. ` +
      "Secrets of the stack are not in it; names, addresses and logs are",
  );
}

function spanOf({ since, until }: ReportOptions, now: number): Span {
  const span = { since: momentOf(since, now), until: until === undefined ? now : momentOf(until, now) };
  if (span.since >= span.until)
    throw new Refused(`--since ${since} is not before ${until ?? "now"}: nothing is between`);
  return span;
}

/** What is wrong may be just that status cannot be shown. */
function statusOf(
  inventory: Inventory,
  options: ReportOptions,
): Promise<Seen<{ readonly text: string; readonly document: object }>> {
  return seenOf(async () => {
    const { seen, evidence } = await picture(inventory, options);
    const { text, concerns } = renderStatus(inventory, seen, evidence);
    return { text, document: statusDocument(inventory, seen, concerns) };
  });
}

async function refuseIfThere(file: string): Promise<void> {
  const there = await stat(file).then(
    () => true,
    () => false,
  );
  if (there) throw new Refused(`${file} is there already: name another one with --file`);
}

/** @returns bytes */
async function pack(files: ReadonlyMap<string, string>, target: string): Promise<number> {
  const work = await mkdtemp(join(tmpdir(), "kvm-mirror-report-"));
  try {
    for (const [name, content] of files) await writeFile(join(work, name), content, { mode: 0o600 });
    const { stdout } = await promisify(execFile)(
      "tar",
      ["-C", work, "-cz", "--owner=0", "--group=0", ...files.keys()],
      {
        encoding: "buffer",
        maxBuffer: 1 << 30,
      },
    );
    // Never over a file that came into being meanwhile.
    await writeFile(target, stdout, { mode: 0o600, flag: "wx" });
    return stdout.length;
  } finally {
    await rm(work, { recursive: true });
  }
}

const stamp = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
