/** What a host says about a network. */
import type { Host } from "../host/host.ts";
import { infoField } from "../infoField.ts";
import type { Owner } from "../owner.ts";
import { find, parseXml, textOf } from "../xml/dom.ts";
import type { Element } from "../xml/dom.ts";
import { readOwner } from "../xml/ownerElement.ts";

export interface FoundNetwork {
  readonly xml: string;
  readonly root: Element;
  readonly uuid: string;
  readonly owner: Owner | undefined;
  readonly active: boolean;
  readonly autostart: boolean;
  /** Not so: it was undefined while active, and is gone with its end. */
  readonly persistent: boolean;
}

export async function inspectNetwork(host: Host, name: string, signal: AbortSignal): Promise<FoundNetwork | undefined> {
  const output = await host.run({ script: "read-network", args: [name], signal });
  if (output === "") return undefined;
  const [info = "", xml = ""] = output.split("\0");
  const root = parseXml(xml, `network ${name} on ${host.name}`);
  return {
    xml,
    root,
    uuid: textOf(find(root, "uuid")) ?? "",
    owner: readOwner(root),
    active: infoField(info, "Active") === "yes",
    autostart: infoField(info, "Autostart") === "yes",
    persistent: infoField(info, "Persistent") === "yes",
  };
}
