import { offeredPhrase, reasonOf } from "../modes/refusal.ts";
import type { Sequence, Step } from "../sequences/sequence.ts";
import { cutAll, goesOnAlone, heal, wait } from "../sequences/steps.ts";
import type { Control } from "./control.ts";
import { discardOldPrimary } from "./stale.ts";

const handler = "/usr/local/lib/kvm-mirror/fence-peer.sh";
const blind = "/usr/local/lib/kvm-mirror-torture-handler";
const watcher = "kvm-mirror-watch-peer.service";

/**
 * For a shell: whether something is mounted over the handler. mountpoint(1) of some releases knows directories alone.
 */
const mounted =
  `awk -v file="$(readlink -f ${handler})" '$5 == file { found = 1 } END { exit !found }' ` + "/proc/self/mountinfo";

/**
 * Mounted over the handler: a reboot, too, brings the right one back. The
 * watcher asks what the handler has not, where there is one.
 */
const weaken = [
  "set -e",
  `printf '#!/bin/sh\\nexit 5\\n' >${blind}`,
  `chmod 0755 ${blind}`,
  `${mounted} || mount --bind ${blind} ${handler}`,
  `if systemctl is-active --quiet ${watcher}; then systemctl stop ${watcher}; fi`,
].join("\n");

const restore = [
  "set -e",
  `while ${mounted}; do umount ${handler}; done`,
  `rm -f ${blind}`,
  `if systemctl is-enabled --quiet ${watcher} 2>/dev/null; then systemctl start ${watcher}; fi`,
].join("\n");

/**
 * `kvm-mirror failover`; where it is refused and names the words that give writes up, the
 * operator types them: he sees two copies that look equal, and believes it.
 */
const insists: Step = {
  name: "kvm-mirror failover, and its phrase",
  async run({ system, patience, breakOff, say }) {
    const first = await system.operate("failover", ["all"], patience.failover);
    const phrase = first.status === 0 ? undefined : offeredPhrase(reasonOf("failover", first.output) ?? "");
    const last =
      phrase === undefined ? first : await system.operate("failover", ["all", "--confirm", phrase], patience.failover);
    if (last.status !== 0)
      throw new Error(
        "kvm-mirror failover does not go through, so that nothing is lost: " +
          `${reasonOf("failover", last.output) ?? last.output}`,
      );
    say(phrase === undefined ? "  accepted without a phrase" : `  accepted by "${phrase}"`);
    breakOff();
    return phrase === undefined ? "accepted" : `accepted by "${phrase}"`;
  },
};

const oldPrimaryGivenUp: Sequence = {
  kind: "cut-all-heal-some-failover",
  weight: 1,
  modes: ["manual"],
  clientBeside: true,
  plan: () => ({
    faults: ["cut-all", "heal-some"],
    recovery: "failover",
    steps: [
      // What the old primary has is thrown away at the end: the lab is of one mind again.
      {
        name: "control",
        run: async (scene) =>
          scene.undo("split brain", () => discardOldPrimary(scene.system, scene.situation, scene.mode)),
      },
      cutAll,
      goesOnAlone,
      wait(10),
      heal(["storage", "management"]),
      insists,
    ],
  }),
};

/**
 * The handler goes on without asking the standby, and without a mark: the standby
 * looks as good as the primary, for as long as they do not meet.
 */
export const oldHandler: Control = {
  name: "old-handler",
  protocols: ["nbd", "iscsi"],
  modes: ["manual"],
  async weaken(system) {
    for (const { name } of system.inventory.mirrors) await system.onMirror(name, weaken);
  },
  sequence: oldPrimaryGivenUp,
  async restore(system) {
    for (const { name } of system.inventory.mirrors) await system.onMirror(name, restore);
  },
  writerOptions: "",
};
