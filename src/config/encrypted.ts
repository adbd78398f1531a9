/** Texts of a stack file that are secrets by themselves: encrypted there, and shown by no message. */

/** Marks the schema of such a text (`.meta`). In the stack file it is `{ secure: … }`. */
export const encrypted = { encrypted: true } as const;

/** Where they stand, below `kvm-mirror:`, beside the stack's own secret. */
export const encryptedPlaces: readonly (readonly string[])[] = [
  ["monitoring", "notify", "webhook"],
  ["monitoring", "notify", "mail", "password"],
];
