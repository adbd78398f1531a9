import { DOMParser, type Element } from "@xmldom/xmldom";
import { stdins } from "../documents.ts";
import { mirrorsOf, ofType, type Rule, type Stack } from "../stack.ts";

/** Whether a cluster fails over: a program must then make sure that the old primary is off. */
function isAutomatic(stack: Stack): boolean {
  return ofType(stack, "cluster").length > 0 || stdins(stack).some(({ text }) => /"mode":\s*"automatic"/.test(text));
}

export const fencingWhenAutomatic: Rule = {
  name: "fencing-when-automatic",
  description: "Automatic failover turns the old primary off: Pacemaker fences, and is able to fence each mirror.",
  offences: (stack) => {
    if (!isAutomatic(stack)) return [];
    const [cib] = stdins(stack).filter(({ text }) => text.startsWith("<configuration>"));
    if (cib === undefined) return ["failover is automatic, and the cluster gets no configuration"];
    const all = new DOMParser().parseFromString(cib.text, "text/xml");
    const value = (element: { getElementsByTagName(name: string): Iterable<Element> }, name: string) =>
      [...element.getElementsByTagName("nvpair")]
        .find((pair) => pair.getAttribute("name") === name)
        ?.getAttribute("value");
    const fences = [...all.getElementsByTagName("primitive")].filter(
      (primitive) => primitive.getAttribute("class") === "stonith",
    );
    const options = [
      ["stonith-enabled", "true"],
      ["no-quorum-policy", "stop"],
    ] as const;
    return [
      ...options
        .filter(([name, wanted]) => value(all, name) !== wanted)
        .map(([name, wanted]) => `${cib.resource}: ${name} is ${value(all, name) ?? "not set"}, not ${wanted}`),
      ...mirrorsOf(stack).flatMap((mirror) => [
        ...(fences.some((fence) => value(fence, "pcmk_host_list") === mirror)
          ? []
          : [`${cib.resource}: nothing there turns ${mirror} off`]),
        ...(ofType(stack, "command").some(({ properties }) =>
          String(properties["create"]).includes(` fence-allow.sh ${mirror} `),
        )
          ? []
          : [`no KVM host lets ${mirror} be turned off by the other mirror (fence-allow.sh)`]),
      ]),
    ];
  },
};

export const drbdFences: Rule = {
  name: "drbd-fences",
  description: "A primary that loses its peer acknowledges nothing before that is known elsewhere; protocol C.",
  offences: (stack) =>
    stdins(stack)
      .filter(({ text }) => /^resource \S+ \{$/m.test(text))
      .flatMap(({ resource, text }) =>
        ["protocol C;", "fencing resource-and-stonith;", "allow-two-primaries no;"]
          .filter((setting) => !text.split("\n").some((line) => line.trim() === setting))
          .map((setting) => `${resource}: DRBD is not told ${setting}`),
      ),
};
