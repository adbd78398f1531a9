import type { Sight } from "../observe/clientHost.ts";

/** The host on which it is paused; undefined: it runs. @throws when it is neither, or nobody can say. */
export function pausedOn(name: string, seen: ReadonlyMap<string, Sight>): string | undefined {
  const on = (state: string): readonly string[] =>
    [...seen].flatMap(([host, sight]) => ("state" in sight && sight.state === state ? [host] : []));
  const [paused, ...others] = on("paused");
  if (paused !== undefined && (others.length > 0 || on("running").length > 0))
    throw new Error(
      `client ${name} is on at ${[paused, ...others, ...on("running")].join(" and ")}: stop one of them first`,
    );
  if (paused !== undefined) return paused;
  if (on("running").length > 0) return undefined;
  const words = [...seen].map(([host, sight]) =>
    "state" in sight ? `${sight.state} on ${host}` : `${host} cannot be asked (${sight.unreachable})`,
  );
  throw new Error(`client ${name} is not paused: ${words.join(", ")}`);
}
