import { readFileSync } from "node:fs";

/** The npm package's, which is the Pulumi package's too. */
export const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};
