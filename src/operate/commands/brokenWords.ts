import { acts, type Grammar, type Typed } from "./grammar.ts";

const group = "When something broke:";

/** Words of the commands for a system that is not whole. */
export function broken({ acting, run }: Grammar): void {
  acting(
    group,
    "failover <volume|group|all>",
    "the primary is dead: turns it off through its KVM host, then promotes the other mirror",
    "kvm-mirror failover all --dry-run",
    "kvm-mirror failover all",
  )
    .option("--confirm <phrase>", "the phrase that a refusal shows: what you confirm")
    .action((selection: string, typed: Typed & { readonly confirm?: string }) =>
      run("failover", typed, async (screen) =>
        (await import("./failover.ts")).failover({ ...acts(typed, screen), selection, confirm: typed.confirm }),
      ),
    );

  acting(
    group,
    "recover <volume>",
    "says why a volume's copies are apart (split brain, …) and, told which one to keep, joins them; " +
      "takes a new disk into use",
    "kvm-mirror recover r0",
    'kvm-mirror recover r0 --keep mirror-a --confirm "discard what mirror-b wrote to r0"',
  )
    .option("--keep <mirror>", "the mirror whose data stays")
    .option("--confirm <phrase>", "the phrase that a refusal shows: what is thrown away")
    .option(
      "--roll-back <mirror>",
      "the other mirror is lost, and this one's copy is Inconsistent: goes back to what it was before (backing lvm)",
    )
    .option("--without-copy", "split brain only: do not copy the losing side's blocks to a file first")
    .action((volume: string, typed: Typed & TypedRecovery) =>
      run("recover", typed, async (screen) => {
        const { keep, confirm, withoutCopy = false, rollBack } = typed;
        const words = { volume, keep, confirm, withoutCopy, rollBack };
        return (await import("./recover.ts")).recover({ ...acts(typed, screen), ...words });
      }),
    );
}

interface TypedRecovery {
  readonly keep?: string;
  readonly confirm?: string;
  readonly withoutCopy?: boolean;
  readonly rollBack?: string;
}
