import type { Context } from "./context.ts";

/** Disks of a domain that are held to a speed, by their serials. */
export interface Held {
  readonly host: string;
  readonly domain: string;
  readonly serials: readonly string[];
}

/**
 * Holds disks to the speed of `--disk-speed`. QEMU counts by its own clock, which in slowed time is its guests': the
 * speed is passed on as it is. Without the option it only takes away what a killed run has left.
 */
export async function holdDisks(context: Context, held: readonly Held[]): Promise<void> {
  const { options, hostScript, say } = context;
  if (options.diskSpeed === null) return letDisksGo(context, held);
  const { bytesPerSecond, requestsPerSecond } = options.diskSpeed;
  say(`disks are held to ${bytesPerSecond / 1e6} MB/s and ${requestsPerSecond} requests/s, by the guests' clock`);
  const limits = [bytesPerSecond, requestsPerSecond].map(String);
  for (const { host, domain, serials } of held)
    await hostScript(host, 60, "bench-hold.sh", "hold", domain, ...limits, ...serials);
}

/** Takes those limits away. */
export async function letDisksGo(
  { hostScript }: Context,
  held: readonly Pick<Held, "host" | "domain">[],
): Promise<void> {
  for (const { host, domain } of held) await hostScript(host, 60, "bench-hold.sh", "let-go", domain);
}
