import { z } from "zod";
import { isPort } from "../port.ts";
import { Mistake, written } from "../written.ts";

const form = "write http://host:port";

function checkProxy(text: string): string {
  const [url, port] = /^https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(?::([0-9]+))?\/?$/.exec(text) ?? [];
  if (url === undefined) throw new Mistake(`is no proxy; ${form}`);
  if (port !== undefined && !isPort(port)) throw new Mistake("has a port that is none; use 1 to 65535");
  return text;
}

export const packagesSchema = z.strictObject({
  aptProxy: written(checkProxy, form)
    .optional()
    .describe(
      "HTTP proxy through which guests reach package repositories; mirrors " +
        "that run follow at the next `up`. Default: none",
    ),
});

/** Where guests get packages. */
export type Packages = z.output<typeof packagesSchema>;
