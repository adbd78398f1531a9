/** A page per event, in docs/runbooks. */
export const runbooks: readonly (readonly [page: string, event: string])[] = [
  ["primary-died.md", "the primary mirror died"],
  ["standby-died.md", "the standby mirror died"],
  ["host-died.md", "a KVM host died"],
  ["both-down.md", "both mirrors went down, in a power cut for example"],
  ["split-brain.md", "split brain, or verify found differences"],
  ["slow-writes.md", "writes are slow, or a disk hangs"],
  ["io-suspended.md", "I/O is suspended: clients stand still"],
  ["replace-a-mirror.md", "a disk or a whole mirror is to be replaced"],
  ["planned-maintenance.md", "patches, a reboot, work on a KVM host"],
  ["rotate-keys.md", "keys are to be replaced"],
];

/** What follows the list of commands. @param repository ends with a slash */
export function afterCommands(repository: string): string {
  const width = Math.max(...runbooks.map(([page]) => page.length));
  return [
    "",
    `Runbooks, in ${repository}docs/runbooks:`,
    ...runbooks.map(([page, event]) => `  ${page.padEnd(width)}  ${event}`),
    "",
    "Every command that changes something, but bench, takes --dry-run. Exit status:",
    "  0   done, or nothing to do",
    "  1   failed: the last line says at which step and why",
    "  2   status and check alone: something needs attention",
    "  3   refused: nothing was changed; the last line says why, and the way out",
    "  64  what was typed is no command",
  ].join("\n");
}

/** What follows the options of a command. */
export function examples(typed: readonly string[]): string {
  return ["", typed.length === 1 ? "Example:" : "Examples:", ...typed.map((line) => `  ${line}`)].join("\n");
}
