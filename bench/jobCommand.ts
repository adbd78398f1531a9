import { shellLine, shellWord } from "../plugins/serving/shell.ts";
import { isRead, type Load } from "./loads.ts";
import type { Target } from "./spot.ts";

/** In the machine where fio runs: its process, for those who end it. */
const pidFile = "/run/kvm-mirror-bench.pid";

const MiB = 1 << 20;

/** What bench leaves alone at both ends of a disk: there it says that the disk is bench's to write on (guard.ts). */
export const margin = MiB;

export interface JobSettings {
  /** Seconds of the guest's clock. */
  readonly seconds: number;
  /** Bytes behind the first MiB that are read and written. */
  readonly region: number;
  readonly seed: number;
}

/**
 * The shell command that runs a load once and prints fio's JSON. A read reads no block twice, because a mirror answers
 * the second time from its memory; so it may end before its time. fio itself refuses to write where a file system is
 * mounted.
 */
export function jobCommand(target: Target, load: Load, { seconds, region, seed }: JobSettings): string {
  const { rw, blockSize, depth } = load;
  return command(target, load.cached ? ["--ioengine=psync", "--direct=0", "--invalidate=1"] : direct(target), [
    `--name=${load.name}`,
    `--rw=${rw}`,
    `--bs=${blockSize}`,
    `--iodepth=${depth}`,
    `--offset=${margin}`,
    `--size=${region}`,
    `--runtime=${seconds}`,
    ...(isRead(load) ? [] : ["--time_based"]),
    ...(load.fsync ? ["--fsync=1"] : []),
    `--randseed=${seed}`,
  ]);
}

/** Writes the whole region once: a block that was never written is not read from a disk, and costs more to write. */
export function fillCommand(target: Target, region: number): string {
  return command(target, direct(target), [
    "--name=fill",
    "--rw=write",
    `--bs=${MiB}`,
    "--iodepth=4",
    `--offset=${margin}`,
    `--size=${region}`,
    "--end_fsync=1",
  ]);
}

/** Ends a job that runs: fio ends its requests, and prints what it has. Nothing happens where none runs. */
export const stopCommand =
  `pid=$(cat ${pidFile} 2>/dev/null) || exit 0; ` +
  `[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != fio ] || kill -INT "$pid"`;

const direct = ({ kind }: Target): readonly string[] =>
  kind === "nbd" ? ["--ioengine=nbd"] : ["--ioengine=libaio", "--direct=1"];

function command(target: Target, engine: readonly string[], options: readonly string[]): string {
  // The engine comes first: fio knows its options only then.
  const words = shellLine([...options, "--output-format=json", "--eta=never"]);
  const where = target.kind === "nbd" ? `--uri=${shellWord(target.uri)}` : '--filename="$disk"';
  return `set -e; ${findDisk(target)}echo $BASHPID >${pidFile}; exec fio ${shellLine(engine)} ${where} ${words}`;
}

/** Sets $disk; ends the command where there is no such disk, because a path that is none would become a file. */
export function findDisk(target: Target): string {
  if (target.kind === "nbd") return "";
  const found =
    target.kind !== "serial"
      ? shellWord(target.path)
      : `/dev/$(lsblk -dnro NAME,SERIAL | awk -v serial=${shellWord(target.serial)} '$2 == serial { print $1; exit }')`;
  const name = target.kind === "serial" ? `with serial ${target.serial}` : target.path;
  const test = target.kind === "file" ? "-f" : "-b";
  return (
    `disk=${found}; test ${test} "$disk" || { echo "there is no disk ${name}" >&2; exit 1; }; ` +
    // fio takes a colon in a name, as iSCSI's paths have, for its end.
    'disk=$(readlink -f "$disk"); '
  );
}
