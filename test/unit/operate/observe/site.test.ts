import { describe, expect, it } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { checkSite } from "../../../../src/operate/decide/site/siteProblems.ts";
import { lookAtSite } from "../../../../src/operate/observe/site.ts";
import { automaticPlanOf, planOf } from "../../render/sample.ts";
import { playedSsh } from "../playedSsh.ts";

const { ssh } = playedSsh();
const first = (seconds: number): string => `{"probe":"host","time":"${seconds.toFixed(3)}","root":"yes"}`;

describe("a look at the site by ssh", () => {
  it("asks every KVM host once, and knows what it says", async () => {
    ssh(`cat >/dev/null; echo '${first(Date.now() / 1000)}'; echo '{"probe":"sshd","maxStartups":"3"}'`);
    const plan = planOf();
    const sight = await lookAtSite(plan, undefined);
    expect(sight.fences.size).toBe(0);
    const { problems } = checkSite({ plan, sight, mirrors: new Map() });
    expect(problems.map(({ what }) => what)).toEqual([
      "kvm-a: sshd's MaxStartups is 3",
      "kvm-b: sshd's MaxStartups is 3",
    ]);
  });

  it.each([
    ["root@kvm-a: Permission denied (publickey).", "ssh-copy-id root@kvm-a.example.net"],
    ["ssh: connect to host kvm-a port 22: Connection refused", "systemctl enable --now ssh (at its console)"],
    ["Host key verification failed.", "ssh root@kvm-a.example.net true"],
  ])("has ssh's own words for a host that does not answer: %s", async (words, command) => {
    const now = first(Date.now() / 1000);
    ssh(`cat >/dev/null; echo '${now}'`, `[[ "$*" != *kvm-a* ]] || { echo '${words}' >&2; exit 255; }\n`);
    const plan = planOf();
    const { problems } = checkSite({ plan, sight: await lookAtSite(plan, undefined), mirrors: new Map() });
    expect(problems).toEqual([expect.objectContaining({ what: `kvm-a does not answer: ${words}`, command })]);
  });

  it("has mirrors try fencing, where there are any and a cluster does it", async () => {
    ssh(`cat >/dev/null; case "$*" in
      *fence-status.sh*) echo '{"mirror":"mirror-b","status":"on","said":"Status: ON"}' ;;
      *) echo '${first(Date.now() / 1000)}' ;;
    esac`);
    const plan = automaticPlanOf({});
    const { fences } = await lookAtSite(plan, makeInventory(plan));
    expect([...fences.keys()]).toEqual(["mirror-a", "mirror-b"]);
    expect(fences.get("mirror-a")).toEqual({ state: { mirror: "mirror-b", status: "on", said: "Status: ON" } });
  });
});
