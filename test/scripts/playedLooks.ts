import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const library = resolve(import.meta.dirname, "../../scripts/guest/monitoring/lib");

/**
 * What one look shows, by volume: its connection, role and both copies in DRBD's words, then any of `suspended`,
 * `frozen`, `first` and `differing`, and `writes=MS` and `disk=MS`: a hundred writes on the volume and on the disk here
 * took so long, each. A Primary's peer is Secondary, and the other way round.
 */
export type Look = Readonly<Record<string, string>>;

/** What is decided of looks that are 2 s apart, each time on what the one before has left, as JSON would keep it. */
const decisions = `
import json, sys
sys.path.insert(0, ${JSON.stringify(library)})
from notify_decide import decide
for looks in json.load(sys.stdin):
    before, said = {}, []
    for number, look in enumerate(looks):
        before, message = decide(json.loads(json.dumps(before)), look, 2 * number, 4)
        if message:
            said.append({**message, "at": 2 * number})
    print(json.dumps(said))
`;

interface Message {
  readonly at: number;
  readonly kind: string;
  readonly troubles: readonly { readonly volume: string; readonly trouble: string; readonly since: number }[];
}

function volume(state: string): object {
  const [connection = "", role = "Unconfigured", disk = "Unconfigured", peer = "DUnknown", ...flags] = state.split(" ");
  const [suspended, frozen, first] = ["suspended", "frozen", "first"].map((flag) => flags.includes(flag));
  const differing = flags.includes("differing") ? 8 : 0;
  const times = (name: string) => {
    const ms = flags.map((flag) => new RegExp(`^${name}=(\\d+)$`).exec(flag)?.[1]).find((found) => found !== undefined);
    return ms === undefined ? null : { seconds: 60, writes: 100, ms: 100 * Number(ms), stuck: 0 };
  };
  return {
    group: "main",
    connection,
    role,
    peer_role: role === "Primary" ? "Secondary" : "Primary",
    disk,
    peer_disk: peer,
    suspended,
    frozen,
    first_sync: first,
    differing,
    writes: { volume: times("writes"), disk: times("disk") },
  };
}

/** The messages of several runs of looks. */
export function messages(runs: readonly (readonly Look[])[]): readonly (readonly Message[])[] {
  const looks = runs.map((run) =>
    run.map((look) => Object.fromEntries(Object.entries(look).map(([name, state]) => [name, volume(state)]))),
  );
  const said = execFileSync("python3", ["-BEsSc", decisions], { input: JSON.stringify(looks), encoding: "utf8" });
  return said
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as readonly Message[]);
}

/** The messages of one run, in short: when, why, and what of each volume. */
export function told(looks: readonly Look[]): readonly string[] {
  return (messages([looks])[0] ?? []).map(
    ({ at, kind, troubles }) => `${at}: ${kind} ${troubles.map((one) => `${one.volume} ${one.trouble}`).join(", ")}`,
  );
}

/** What a message says of a trouble of a volume in this state. */
export function detail(trouble: string, state: string): string {
  const words = `import json, sys; sys.path.insert(0, ${JSON.stringify(library)}); from notify_text import detail
print(detail(*json.load(sys.stdin)))`;
  const input = JSON.stringify([trouble, volume(state)]);
  return execFileSync("python3", ["-BEsSc", words], { input, encoding: "utf8" }).trimEnd();
}
