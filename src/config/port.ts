import { wholeNumber } from "./scalars.ts";

/** Whether digits are a TCP port, without leading zeros. */
export function isPort(digits: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(digits) && Number(digits) <= 65_535;
}

/** A TCP port that a server of ours can listen on. */
export const tcpPort = () =>
  wholeNumber()
    .min(1024, { error: "is not a port for this; use 1024 to 65535" })
    .max(65535, { error: "is not a port for this; use 1024 to 65535" });
