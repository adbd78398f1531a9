/**
 * `node lab/known-hosts.ts STACK`: writes the pinned SSH host keys of the stack's machines to
 * ~/.ssh/known_hosts, in the place of older ones at the same addresses.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { readInventory } from "../src/operate/stack/readInventory.ts";

const [stack = "lab"] = process.argv.slice(2);
const { mirrors, clients } = readInventory(stack);
const keys = new Map(
  [...mirrors, ...clients].flatMap(({ ssh }) =>
    ssh === undefined ? [] : [[ssh.target.replace(/^.*@/, ""), ssh.hostKey] as const],
  ),
);

const file = `${userInfo().homedir}/.ssh/known_hosts`;
const others = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => line !== "" && !keys.has(line.split(" ")[0] ?? ""));
const lines = [...others, ...[...keys].map(([address, key]) => `${address} ${key}`)];
writeFileSync(`${file}.new`, `${lines.join("\n")}\n`, { mode: 0o600 });
renameSync(`${file}.new`, file);
