import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fenced, handlerCode, outdateAnswer } from "../../simulator/rules/fencePeer.ts";
import { promotable, type StartMode, type VolumeState } from "../../simulator/rules/promotable.ts";

/**
 * The simulator's tables and the scripts that they stand for, on the same input: the scripts
 * are the real ones, what they read from DRBD and ask of the peer is played.
 */

const guest = resolve(import.meta.dirname, "../../scripts/guest");
let here: string;

beforeAll(() => {
  here = mkdtempSync(join(tmpdir(), "kvm-mirror-rules-"));
  cpSync(guest, join(here, "guest"), { recursive: true });
  const play = (path: string, text: string): void => writeFileSync(join(here, path), text, { mode: 0o755 });
  play(
    "guest/replication/lib/drbd-state.sh",
    `minor_of() { echo 0; }
declare -A minors=([r0]=0)
state_of() { role=$ROLE peer_role=\${PEER_ROLE:-Unknown} disk=$DISK peer_disk=\${PEER_DISK:-DUnknown} cs=played; }
read_states() { :; }
read_state() { state_of; }
connected() { [[ $CONNECTED == yes ]]; }
state_words() { words=played; }
seen() { echo played; }
# Nothing that is played changes by itself; what was begun ends.
wait_for() {
  shift
  if [[ $1 == ended ]]; then until "$@"; do sleep 0.01; done; else "$@"; fi
}
`,
  );
  play("guest/replication/lib/fenced.sh", 'known_fenced() { [[ $2 == "$FENCED" ]]; }\n');
  // lib/peer.sh: 255 when no address answers.
  play("guest/replication/lib/peer.sh", 'ask_peer() { return "$ANSWER"; }\n');
  play("guest/replication/lib/marks.sh", 'marks_device=played\nlock_marks() { :; }\nleave_mark() { : >"$MARKED"; }\n');
  play(
    "drbdadm",
    '#!/bin/sh\n[ "$1" = outdate ] && case $DISK in Diskless | Failed | Unconfigured) exit 17 ;; esac\nexit 0\n',
  );
  play("logger", "#!/bin/sh\nexec cat >/dev/null\n");
});
afterAll(() => rmSync(here, { recursive: true, force: true }));

const run = (script: string, args: readonly string[], environment: Readonly<Record<string, string>>): number | null =>
  spawnSync("bash", [join(here, "guest/replication", script), ...args], {
    env: { PATH: `${here}:${process.env["PATH"] ?? ""}`, ...environment },
    encoding: "utf8",
  }).status;

const disks = ["Diskless", "Inconsistent", "Outdated", "Consistent", "UpToDate"];
const truths = [true, false];

describe("outdate.sh answers as the simulator's table", () => {
  test.each(["Primary", "Secondary"])("of a %s", (role) => {
    for (const disk of disks) {
      for (const connected of truths)
        expect(
          run("outdate.sh", ["r0"], { ROLE: role, DISK: disk, CONNECTED: connected ? "yes" : "no" }),
          `${role} ${disk} ${connected}`,
        ).toBe(outdateAnswer(role, disk, connected).code);
    }
  });
});

describe("fence-peer.sh gives DRBD the code of the simulator's table", () => {
  test.each(["Primary", "Secondary"])("of a %s", (role) => {
    for (const fenced of ["no", "confirmed", "by-word"] satisfies Fenced[]) {
      for (const answer of [3, 4, 6, 10, undefined]) {
        const marked = join(here, `${role}-${fenced}-${answer}.marked`);
        let mark = false;
        const code = run("fence-peer.sh", [], {
          MARKED: marked,
          DRBD_RESOURCE: "r0",
          DRBD_PEER: "the-peer",
          ROLE: role,
          DISK: "UpToDate",
          CONNECTED: "no",
          FENCED: fenced,
          ANSWER: String(answer ?? 255),
        });
        expect(code, `${role} ${fenced} ${answer}`).toBe(
          handlerCode(
            role === "Primary",
            fenced,
            () => answer,
            () => (mark = true),
          ),
        );
        expect(existsSync(marked), `mark: ${role} ${fenced} ${answer}`).toBe(mark);
      }
    }
  });
});

describe("all_promotable of lib/promotion.sh decides as the simulator's", () => {
  const modes: readonly StartMode[] = [
    "--with-peer",
    "--boot",
    "--take-over",
    "--peer-fenced",
    "--peer-said-off",
    "--last-copy",
    "--stale-copy",
  ];
  test.each(modes)("%s, in every state of a volume", (mode) => {
    const states: VolumeState[] = [];
    for (const role of ["Primary", "Secondary"]) {
      for (const disk of disks) {
        // Without a connection nothing is known of the peer but what is on record.
        for (const peerDisk of ["Outdated", "DUnknown"])
          states.push({ connected: false, role, peerRole: "Unknown", disk, peerDisk });
        for (const peerRole of ["Primary", "Secondary"])
          for (const peerDisk of ["Diskless", "Inconsistent", "UpToDate"])
            states.push({ connected: true, role, peerRole, disk, peerDisk });
      }
    }
    const lines = states
      .map(
        ({ connected, role, peerRole, disk, peerDisk }) =>
          `${connected ? "yes" : "no"} ${role} ${peerRole} ${disk} ${peerDisk}`,
      )
      .join("\n");
    const script = `set -euo pipefail; cd ${here}/guest; . replication/lib/drbd-state.sh; . placement/lib/promotion.sh
      VOLUMES=r0
      while read -r CONNECTED ROLE PEER_ROLE DISK PEER_DISK; do
        ok=no; if all_promotable "$1"; then ok=yes; fi; echo "$ok $peer_is_primary"
      done`;
    const said = execFileSync("bash", ["-c", script, "rules", mode], { input: `${lines}\n`, encoding: "utf8" })
      .trimEnd()
      .split("\n");
    const word = (truth: boolean): string => (truth ? "yes" : "no");
    expect(said).toEqual(
      states.map((state) => {
        const { ok, peerIsPrimary } = promotable(mode, state);
        return `${word(ok)} ${word(peerIsPrimary)}`;
      }),
    );
  });
});
