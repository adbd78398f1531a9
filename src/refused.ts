/** It may not be done. Nothing was changed, and the message says what is in the way and what to do. */
export class Refused extends Error {}

/** A decision whose reason to say no is a refusal, not a failure. @throws Refused with the words of the decision */
export function refusing<Answer>(decide: () => Answer): Answer {
  try {
    return decide();
  } catch (error) {
    throw error instanceof Error ? new Refused(error.message, { cause: error }) : error;
  }
}
