import { parse } from "yaml";
import { stdins } from "../documents.ts";
import { at, mirrorsOf, ofType, type Rule, type Stack, unknown } from "../stack.ts";

/** Name of the interface in every mirror, and the end of the name of every libvirt network that leads there. */
const interfaceName = "replication0";
const networkName = /-replication$/;

export const replicationNotRouted: Rule = {
  name: "replication-not-routed",
  description: "DRBD's data, which is not encrypted, stays in a network without gateway or route.",
  offences: (stack) => [...atFirstBoot(stack), ...inSettings(stack), ...ofLibvirt(stack)],
};

/** Netplan's form: the networkConfig of a mirror's seed. */
function atFirstBoot(stack: Stack): readonly string[] {
  const seeds = mirrorsOf(stack).map((mirror) => `${mirror}-seed`);
  return ofType(stack, "cloudInitDisk").flatMap(({ name, properties }) => {
    const text = properties["networkConfig"];
    if (!seeds.includes(name) || typeof text !== "string") return [];
    const replication = at(parse(text), "ethernets", interfaceName);
    return ["routes", "gateway4", "gateway6"]
      .filter((key) => at(replication, key) !== undefined)
      .map((key) => `${name}: ${interfaceName} has ${key}`);
  });
}

/** mirror-settings.sh: `interface NAME KEY ADDRESS MTU GATEWAY DNS`. */
function inSettings(stack: Stack): readonly string[] {
  return stdins(stack).flatMap(({ resource, text }) =>
    text
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([word, name, , , , gateway]) => word === "interface" && name === interfaceName && gateway !== "-")
      .map(([, , , , , gateway]) => `${resource}: ${interfaceName} has the gateway ${gateway ?? "(none)"}`),
  );
}

/** A network that libvirt itself would route. */
function ofLibvirt(stack: Stack): readonly string[] {
  return ofType(stack, "network").flatMap(({ name, properties }) => {
    const mode = at(properties, "forward", "mode");
    const routed = mode !== undefined && mode !== "bridge" && mode !== unknown;
    return networkName.test(name) && routed ? [`${name}: libvirt forwards it (mode ${String(mode)})`] : [];
  });
}
