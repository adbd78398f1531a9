import { ofType, type Rule, unknown } from "../stack.ts";

/** A digest; or a list of digests, from a place that nobody on the way can change. */
const checked = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|sha(256|512)sums:(https:\/\/|\/).+)$/;

export const imagesChecked: Rule = {
  name: "images-checked",
  description: "Images of machines are compared with a checksum, which does not come by plain http.",
  offences: (stack) =>
    ofType(stack, "image").flatMap(({ name, properties }) => {
      const { checksum } = properties;
      if (checksum === unknown || checked.test(String(checksum))) return [];
      return [`${name}: checksum is ${checksum === undefined ? "not set" : String(checksum)}`];
    }),
};
