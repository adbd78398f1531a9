/** A KVM host as the provider sees it: a place where scripts run. */

export interface ScriptCall {
  /** Name of a script in `../scripts`, without `.sh`. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Given to the script on standard input: the place for documents and secrets. */
  readonly document?: string;
  readonly signal: AbortSignal;
  /** Seconds; 0 for as long as it takes. Default 120. */
  readonly deadline?: number;
  /** Passing lines for the user, which the script writes as `status: …` on standard error. */
  readonly onStatus?: (line: string) => void;
}

export interface Host {
  /** For messages. */
  readonly name: string;
  /**
   * Runs a script and gives its standard output. Throws `HostUnreachable` or
   * `CommandFailed`, whose messages name the host, the script and the
   * last line it wrote. When `signal` is aborted, or this process dies, the script and its children end.
   */
  run(call: ScriptCall): Promise<string>;
  close(): Promise<void>;
}
