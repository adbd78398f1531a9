import { expect, it } from "vitest";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import { notifyConcerns } from "../../../../src/operate/tell/notifyConcerns.ts";
import { concerns, observation, primaryState, secondaryState } from "./statusSample.ts";

type Notify = MirrorState["notify"];
const at = (time: string): number => Date.parse(`2026-11-28T${time}Z`) / 1000;
const delivered = { name: "webhook", waiting: 0, lastSuccess: at("09:00:00"), error: null, errorAt: null } as const;
const failing = { ...delivered, waiting: 2, error: "the server answers 500", errorAt: at("10:00:00") } as const;
const concernsOf = (notify: Notify) => notifyConcerns({ ...primaryState(), notify });
const way =
  "Mend that server, or kvm-mirror:monitoring.notify in the stack file and run pulumi up; then try it: " +
  "kvm-mirror notify";

it("says what waits, why, since when, and the way out", () => {
  expect(concernsOf({ alive: true, channels: [failing] })).toEqual([
    "mirror-a: what it has to tell people by the webhook waits to be sent (2): the server answers 500, at " +
      `2026-11-28 10:00:00 UTC; the last one was at 2026-11-28 09:00:00 UTC. ${way}`,
  ]);
});

it("says of a mirror that has told nobody yet that it has not", () => {
  const mail = { ...failing, name: "mail", waiting: 1, lastSuccess: null, error: "connection refused" } as const;
  expect(concernsOf({ alive: true, channels: [delivered, mail] })).toEqual([
    "mirror-a: what it has to tell people by mail waits to be sent (1): connection refused, at 2026-11-28 10:00:00 " +
      `UTC; none was since it booted. ${way}`,
  ]);
});

it("says who was left out of a message that others have", () => {
  const some = { ...failing, name: "mail", waiting: 0, error: "the mail server refuses 1 of 2 recipients" } as const;
  expect(concernsOf({ alive: true, channels: [some] })[0]).toContain(
    "by mail has not reached everybody: the mail server refuses 1 of 2 recipients",
  );
});

it("says that a service which does not look tells nobody", () => {
  expect(concernsOf({ alive: false, channels: [] })).toEqual([
    "mirror-a: its service that tells people of trouble does not run: nobody is told what it sees. There: sudo " +
      "systemctl restart kvm-mirror-notify; why: journalctl -u kvm-mirror-notify",
  ]);
});

it("is silent where all is delivered, where nobody is to be told, and of a mirror that does not say", () => {
  const all: readonly Notify[] = [{ alive: true, channels: [delivered] }, null, undefined];
  for (const notify of all) expect(concernsOf(notify)).toEqual([]);
});

it("is among what status warns of", () => {
  const seen = observation(
    { state: { ...primaryState(), notify: { alive: false, channels: [] } } },
    { state: secondaryState() },
  );
  expect(concerns(seen)).toContain("mirror-a: its service that tells people of trouble does not run");
});
