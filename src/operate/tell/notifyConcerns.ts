import type { MirrorState } from "../observe/states.ts";
import { timeOf } from "../observe/evidence.ts";

type Channel = NonNullable<MirrorState["notify"]>["channels"][number];

const words: Readonly<Record<Channel["name"], string>> = { webhook: "the webhook", mail: "mail" };

/** What keeps a mirror from telling people of trouble by itself, each with the way out. */
export function notifyConcerns({ mirror, notify }: MirrorState): string[] {
  if (!notify) return [];
  const dead = notify.alive
    ? []
    : [
        `${mirror}: its service that tells people of trouble does not run: nobody is told what it sees. There: ` +
          "sudo systemctl restart kvm-mirror-notify; why: journalctl -u kvm-mirror-notify",
      ];
  return [...dead, ...notify.channels.flatMap((channel) => channelConcern(mirror, channel))];
}

function channelConcern(mirror: string, { name, waiting, lastSuccess, error, errorAt }: Channel): string[] {
  if (error === null) return [];
  const since = lastSuccess === null ? "none was since it booted" : `the last one was at ${timeOf(lastSuccess)}`;
  const when = errorAt === null ? "" : `, at ${timeOf(errorAt)}`;
  const lacks = waiting === 0 ? "has not reached everybody" : `waits to be sent (${waiting})`;
  return [
    `${mirror}: what it has to tell people by ${words[name]} ${lacks}: ${error}${when}; ${since}. Mend that server, ` +
      "or kvm-mirror:monitoring.notify in the stack file and run pulumi up; then try it: kvm-mirror notify",
  ];
}
