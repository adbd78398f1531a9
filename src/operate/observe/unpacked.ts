import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** What a script has printed packed (gzip, base64), as text. @throws when it was cut off */
export async function unpacked(text: string): Promise<string> {
  return (await promisify(gunzip)(Buffer.from(text, "base64"))).toString("utf8");
}
