import { at, type Rule, texts } from "../stack.ts";

/** Characters that a secret of a service has at least. */
const shortest = 16;

/** Where a secret stands in a file of a service, and what it is. */
const places: readonly (readonly [what: string, place: RegExp])[] = [
  ["DRBD's shared-secret", /\bshared-secret\s+"?([^\s";]*)/g],
  ["the CHAP password of a target", /^\s*(?:incominguser|outgoinguser)\s+\S+\s+(\S*)/gm],
  ["a login's password", /^\s*-?\s*(?:plain_text_passwd|password|passwd):\s*["']?([^\s"']*)/gm],
];

export const noWeakSecret: Rule = {
  name: "no-weak-secret",
  description: `Secrets of services have at least ${shortest} characters; the stack's own is encrypted in its file.`,
  offences: (stack) => [
    ...stack.resources.flatMap(({ name, properties }) =>
      texts(properties).flatMap(([path, text]) =>
        places.flatMap(([what, place]) =>
          [...text.matchAll(place)]
            // The secret itself is never said.
            .filter(([, secret = ""]) => secret.length < shortest)
            .map(([, secret = ""]) => `${name}: ${what} in ${path} has ${secret.length} characters`),
        ),
      ),
    ),
    ...(typeof at(stack.config, "secret") === "string"
      ? ["the stack file has kvm-mirror:secret in plain text: pulumi config set --secret kvm-mirror:secret"]
      : []),
  ],
};
