import { type Command, Option } from "commander";
import type { ClientWish } from "./client.ts";
import { acts, type Grammar, seconds, type Typed } from "./grammar.ts";

const group = "Planned work, and clients:";

/** Words of the commands for a system that is whole. */
export function planned({ acting, run }: Grammar): void {
  acting(
    group,
    "switch <volume|group|all>",
    "planned switch of a volume's group, or of all: clients wait some seconds and get no error",
    "kvm-mirror switch all --to mirror-b",
  )
    .requiredOption("--to <mirror>", "the mirror that serves from now on")
    .action((selection: string, typed: Typed & { readonly to: string }) =>
      run("switch", typed, async (screen) =>
        (await import("./switch.ts")).switchGroups({ ...acts(typed, screen), selection, to: typed.to }),
      ),
    );

  acting(
    group,
    "maintain <mirror>",
    "drains a mirror for patches or a reboot; with --done waits until it is back and UpToDate",
    "kvm-mirror maintain mirror-a",
    "kvm-mirror maintain mirror-a --done",
  )
    .option("--done", "the maintenance is over")
    .option("--wait <seconds>", "with --done: how long to wait at most", seconds, 1800)
    .action((mirror: string, typed: Typed & { readonly done?: boolean; readonly wait: number }) =>
      run("maintain", typed, async (screen) => {
        const { maintain } = await import("./maintain.ts");
        return maintain({ ...acts(typed, screen), mirror, done: typed.done === true, wait: typed.wait });
      }),
    );

  acting(
    group,
    "client <name>",
    "a client VM goes on, is started, or moves to another KVM host, and never runs on both",
    "kvm-mirror client app-1 --resume",
    "kvm-mirror client app-1 --to kvm-b",
    "kvm-mirror client app-1 --to kvm-b --live --copy-storage",
  )
    .addOption(new Option("--resume", "it was paused because its storage was away: it goes on").conflicts(["start"]))
    .option("--start", "it is off: start it on its active KVM host")
    .addOption(
      new Option("--permit", "tell its KVM hosts anew which of them may start it").conflicts(["resume", "start"]),
    )
    .addOption(
      new Option("--to <KVM host>", "shut it down where it runs, and start it there").conflicts([
        "resume",
        "start",
        "permit",
      ]),
    )
    .option("--live", "with --to: it is not shut down, it goes on there; also: ends what was interrupted of that")
    .option("--copy-storage", "with --live: its KVM host's own disks (its OS disk) are copied, over those there")
    .option("--confirm <phrase>", "with --to, when the old KVM host cannot be asked: the phrase that a refusal shows")
    .action((name: string, typed: Typed & TypedWish, self: Command) => {
      const wish = wishOf(typed);
      if (wish === undefined) self.error("error: say one of --resume, --start, --permit and --to <KVM host>");
      const moves = wish.kind === "move" || wish.kind === "live";
      for (const option of ["confirm", "live"] as const)
        if (!moves && typed[option] !== undefined) self.error(`error: --${option} belongs to --to`);
      if (wish.kind !== "live" && typed.copyStorage === true) self.error("error: --copy-storage belongs to --live");
      return run("client", typed, async (screen) =>
        (await import("./client.ts")).client({ ...acts(typed, screen), name, wish }),
      );
    });
}

interface TypedWish {
  readonly resume?: boolean;
  readonly start?: boolean;
  readonly permit?: boolean;
  readonly to?: string;
  readonly live?: boolean;
  readonly copyStorage?: boolean;
  readonly confirm?: string;
}

function wishOf({ resume, start, permit, to, live, copyStorage, confirm }: TypedWish): ClientWish | undefined {
  if (permit === true) return { kind: "permit" };
  if (to !== undefined && live === true) return { kind: "live", to, copyStorage: copyStorage === true, confirm };
  if (to !== undefined) return { kind: "move", to, confirm };
  if (resume === true) return { kind: "resume" };
  return start === true ? { kind: "start" } : undefined;
}
