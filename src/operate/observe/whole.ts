import type { MirrorState } from "./states.ts";

type Volume = MirrorState["volumes"][number];

/** The mirrors replicate now; a verify only reads beside that. Not so while they agree on, or make, a copy. */
export const isConnected = ({ connection }: Pick<Volume, "connection">): boolean =>
  /^(Connected|Verify[ST])$/.test(connection);

/** Connected, and UpToDate on both, by the word of one mirror: every acknowledged write is on both. */
export const isWhole = (volume: Pick<Volume, "connection" | "disk" | "peerDisk">): boolean =>
  isConnected(volume) && volume.disk === "UpToDate" && volume.peerDisk === "UpToDate";

/** Connection states of DRBD without a peer. */
export function isParted(connection: string): boolean {
  return [
    "StandAlone",
    "Disconnecting",
    "Unconnected",
    "Timeout",
    "BrokenPipe",
    "NetworkFailure",
    "ProtocolError",
    "TearDown",
    "WFConnection",
    "WFReportParams",
    "Unconfigured",
  ].includes(connection);
}
