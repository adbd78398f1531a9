/** Lines of a mirror's journal, as journalctl writes them as JSON. */

const fields = {
  kernel: { _TRANSPORT: "kernel", SYSLOG_IDENTIFIER: "kernel" },
  record: { _TRANSPORT: "syslog", SYSLOG_IDENTIFIER: "kvm-mirror-command", _UID: "0" },
  sudo: { _TRANSPORT: "syslog", SYSLOG_IDENTIFIER: "sudo", _UID: "1000" },
  unit: { _TRANSPORT: "journal", SYSLOG_IDENTIFIER: "systemd", _UID: "0", UNIT: "kvm-mirror-group@main.service" },
  cluster: { _TRANSPORT: "syslog", SYSLOG_IDENTIFIER: "pacemaker-controld", _UID: "106" },
};

/** @param at seconds since 1970 */
export const line = (source: keyof typeof fields, at: number, message: string): string =>
  JSON.stringify({
    __CURSOR: "s=fe59c26b071c41f1b77d85748c06fd60;i=4",
    __REALTIME_TIMESTAMP: String(at * 1e6),
    ...fields[source],
    MESSAGE: message,
  });

/** What sudo says of a script that it runs for the mirrors' login. */
export const ran = (at: number, words: string): string =>
  line("sudo", at, ` storage : PWD=/home/storage ; USER=root ; COMMAND=/usr/local/lib/kvm-mirror/${words}`);

/** What history.sh prints of these lines. */
export const journal = (...lines: readonly string[]): string => `journal 0 whole\n${lines.join("\n")}\n`;
