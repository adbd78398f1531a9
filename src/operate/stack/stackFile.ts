import { readFile, rename, writeFile } from "node:fs/promises";
import { isScalar, parseDocument } from "yaml";
import { shortName } from "./inventorySchema.ts";
import { repository } from "./pulumiCommand.ts";

/** The stack's file. A stack of Pulumi's cloud may be named `organisation/project/stack`. */
export function stackFile(stack: string): string {
  return `${repository}stacks/Pulumi.${shortName(stack)}.yaml`;
}

/** Host that a stack file's text says a client is active on. @throws when it does not say, or not as a plain word. */
export function activeHost(text: string, client: string): string {
  return activeNode(text, client).value;
}

/**
 * The text with another active host. Only that word changes: `pulumi config
 * set` would write the whole file anew, in another style.
 * @throws as activeHost.
 */
export function withActiveHost(text: string, client: string, host: string): string {
  if (!/^[A-Za-z][A-Za-z0-9._-]*$/.test(host)) throw new Error(`${JSON.stringify(host)} is no name of a KVM host`);
  const { start, end } = activeNode(text, client);
  const changed = text.slice(0, start) + host + text.slice(end);
  if (activeHost(changed, client) !== host)
    throw new Error(`clients.${client}.active cannot be changed in the stack file: write ${host} there yourself`);
  return changed;
}

function activeNode(
  text: string,
  client: string,
): { readonly value: string; readonly start: number; readonly end: number } {
  const node = parseDocument(text).getIn(["config", "kvm-mirror:clients", client, "active"], true);
  if (!isScalar(node) || typeof node.value !== "string" || !node.range)
    throw new Error(`the stack file has no word for clients.${client}.active, under config → kvm-mirror:clients`);
  return { value: node.value, start: node.range[0], end: node.range[1] };
}

/** What a stack file says. */
export async function readActiveHost(stack: string, client: string): Promise<string> {
  return activeHost(await readFile(stackFile(stack), "utf8"), client);
}

/** Changes a stack file, whole or not at all. One that says so already is left alone. */
export async function writeActiveHost(stack: string, client: string, host: string): Promise<void> {
  const file = stackFile(stack);
  const text = await readFile(file, "utf8");
  if (activeHost(text, client) === host) return;
  await writeFile(`${file}.new`, withActiveHost(text, client, host));
  await rename(`${file}.new`, file);
}
