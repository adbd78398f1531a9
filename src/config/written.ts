import { z } from "zod";

/** What is wrong with a value and the way out; thrown by the readers of values, reported under the value's key. */
export class Mistake extends Error {}

/**
 * A value that the stack file writes as text and that means something else, such
 * as a size. `read` returns the meaning or throws a Mistake;
 * `form` says how it is written, for values that are no text at all.
 */
export function written<Value>(read: (text: string) => Value, form: string) {
  const text = z.string({ error: ({ input }) => (input === undefined ? undefined : `is no text; ${form}`) });
  return text.transform((value, context) => {
    try {
      return read(value);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      context.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });
}
