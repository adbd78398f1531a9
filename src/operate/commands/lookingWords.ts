import type { Command } from "commander";
import { common, type Grammar, seconds, type Typed } from "./grammar.ts";

const group = "What there is:";

/** Words of the commands that change nothing. */
export function looking({ command, run }: Grammar): void {
  command(
    group,
    "status",
    "the live state of a stack, and what needs attention",
    "kvm-mirror status",
    "kvm-mirror status --watch",
    "kvm-mirror status --json | jq .concerns",
    "kvm-mirror status --all",
  )
    .option("--all", "every stack of this project: a line each, and what needs attention in them")
    .option("--watch [seconds]", "draw it anew, that long after each look (5), until q or Ctrl-C", seconds)
    .option("--json", "for a machine: what every mirror and KVM host says, and what needs attention")
    .action(
      (
        typed: Typed & { readonly all?: boolean; readonly json?: boolean; readonly watch?: number | true },
        self: Command,
      ) => {
        if (typed.all === true && typed.stack !== undefined) self.error("error: --all is every stack, --stack is one");
        if (typed.all === true && typed.watch !== undefined)
          self.error("error: --all is one look; --watch is for a stack");
        if (typed.json === true && typed.watch !== undefined)
          self.error("error: --watch is for a person, --json is not");
        return run("status", typed, async (screen) => {
          if (typed.all === true)
            return (await import("./statusOfAll.ts")).statusOfAll({ screen, json: typed.json === true });
          const bodies = await import("./status.ts");
          const each = common(typed, screen);
          if (typed.watch === undefined) return bodies.status({ ...each, json: typed.json === true });
          return bodies.watchStatus({ ...each, ...(typed.watch === true ? {} : { seconds: typed.watch }) });
        });
      },
    );

  command(
    group,
    "check",
    "whether hosts, networks and images are as the stack file needs them, before and after the first `pulumi up`; " +
      "what a killed one has left behind; and the command that mends each",
    "kvm-mirror check",
    "kvm-mirror check --json | jq .problems",
  )
    .option("--json", "for a machine: what is wrong with the site, what is left over, and what is at work")
    .action((typed: Typed & { readonly json?: boolean }) =>
      run("check", typed, async (screen) =>
        (await import("./check.ts")).check({ ...common(typed, screen), json: typed.json === true }),
      ),
    );

  command(
    group,
    "history",
    "who ran what, and every change of a role with its reason, from the journals of both mirrors",
    "kvm-mirror history",
    "kvm-mirror history --since 2h",
    'kvm-mirror history --since "2026-11-27 13:00" --json | jq .events',
  )
    .option("--since <time>", "from then on: so long ago (90m, 2h, 3d), or a time in UTC", "3d")
    .option("--json", "for a machine: what is missing, and the events")
    .action((typed: Typed & { readonly since: string; readonly json?: boolean }) =>
      run("history", typed, async (screen) => {
        const { since, json = false } = typed;
        return (await import("./history.ts")).history({ ...common(typed, screen), since, json });
      }),
    );

  command(
    group,
    "notify",
    "has both mirrors send a test message to whom they tell of trouble, and says whether it was delivered",
    "kvm-mirror notify",
  ).action((typed: Typed) =>
    run("notify", typed, async (screen) => (await import("./notify.ts")).notify(common(typed, screen))),
  );

  command(
    group,
    "report",
    "one file with what a colleague needs to help: status, versions, journals of mirrors and KVM hosts; no secret",
    "kvm-mirror report",
    'kvm-mirror report --since "2026-11-27 13:00" --until "2026-11-27 14:00"',
  )
    .option("--since <time>", "journals from then on: so long ago (90m, 2h, 3d), or a time in UTC", "2h")
    .option("--until <time>", "and until then; without it until now")
    .option("--file <path>", "where it goes; without it kvm-mirror-<stack>-<time>.tar.gz in this directory")
    .action((typed: Typed & { readonly since: string; readonly until?: string; readonly file?: string }) =>
      run("report", typed, async (screen) => {
        const { since, until, file } = typed;
        return (await import("./report.ts")).report({ ...common(typed, screen), since, until, file });
      }),
    );

  command(
    group,
    "inventory",
    "hosts, mirrors, volumes, exports and clients as JSON, as the last `pulumi up` that succeeded left them",
    "kvm-mirror inventory | jq .mirrors",
    'kvm-mirror inventory --from storage@10.30.0.11 --host-key "ssh-ed25519 AAAA…"',
  )
    .option("--json", "it is always JSON")
    .option("--from <user@mirror>", "take the copy that a mirror keeps, while Pulumi cannot be asked")
    .option("--host-key <key>", 'with --from: the mirror\'s, "ssh-ed25519 AAAA…", if it is not in known_hosts')
    .action((typed: Typed & { readonly from?: string; readonly hostKey?: string }, self: Command) => {
      if (typed.hostKey !== undefined && typed.from === undefined) self.error("error: --host-key belongs to --from");
      const { stack, from, hostKey } = typed;
      return run("inventory", typed, async (screen) =>
        (await import("./inventory.ts")).inventory({ stack, from, hostKey, screen }),
      );
    });

  command(
    group,
    "diagram",
    "the site that the stack file describes, as a picture (SVG): hosts, mirrors, disks, networks, groups, clients",
    "kvm-mirror diagram >site.svg",
  ).action((typed: Typed) =>
    run("diagram", typed, async (screen) => (await import("./diagram.ts")).diagram(common(typed, screen))),
  );

  command(
    group,
    "disk-xml <client>",
    "the XML of a client's disks, for teams that attach them themselves",
    "kvm-mirror disk-xml orders-db --host kvm-b",
  )
    .option("--host <KVM host>", "the host that gets them; without it the client's active one")
    .action((client: string, typed: Typed & { readonly host?: string }) =>
      run("disk-xml", typed, async (screen) =>
        (await import("./diskXml.ts")).diskXml({ ...common(typed, screen), client, host: typed.host }),
      ),
    );
}
