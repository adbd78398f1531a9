import { encryptedPlaces } from "../../src/config/encrypted.ts";
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
  description: `Secrets of services have at least ${shortest} characters; those of a stack file are encrypted there.`,
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
    ...[["secret"], ...encryptedPlaces]
      .filter((place) => typeof at(stack.config, ...place) === "string")
      .map((place) => {
        const path = place.length === 1 ? "" : "--path ";
        const key = `kvm-mirror:${place.join(".")}`;
        return `the stack file has ${key} in plain text: pulumi config set --secret ${path}${key}`;
      }),
  ],
};
