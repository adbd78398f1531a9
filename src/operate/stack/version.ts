import { readFileSync } from "node:fs";
import { repository } from "./pulumiCommand.ts";

/** Of this clone. */
export const version = (): string => JSON.parse(readFileSync(`${repository}package.json`, "utf8")).version;
