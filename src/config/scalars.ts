import { z } from "zod";

/** A whole number. One that was written in quotes gets the message that says so. */
export const wholeNumber = (of = "") =>
  z.int({
    error: ({ input }) => {
      if (input === undefined) return undefined;
      if (typeof input === "string" && /^-?[0-9]{1,15}$/.test(input)) return `is a text; write ${input} without quotes`;
      return `is no whole number${of === "" ? "" : ` of ${of}`}`;
    },
  });

const words: Readonly<Record<string, boolean>> = {
  yes: true,
  on: true,
  true: true,
  no: false,
  off: false,
  false: false,
};

/** `true` or `false`. YAML's other words for them are texts to Pulumi. */
export const trueOrFalse = () =>
  z.boolean({
    error: ({ input }) => {
      if (input === undefined) return undefined;
      const word = typeof input === "string" ? input.toLowerCase() : "";
      if (Object.hasOwn(words, word)) return `is a text; write ${String(words[word])}, without quotes`;
      return "is neither true nor false";
    },
  });

/** A key that says yes by being there. */
export const onlyTrue = () => z.literal(true, { error: "is not `true`; leave the key out instead" });
