import type { z } from "zod";

/** What a stack file says of one export protocol. The protocol's name is its key there. */
export interface ExportKeys {
  /** As people write it. */
  readonly title: string;
  /** What speaks for it, in the reference of a client's disk. */
  readonly about: string;
  /** `exports.<protocol>` of a volume. */
  readonly schema: z.ZodType;
  /** The shortest way to export a volume by it, for messages. */
  readonly example: string;
  /** Default of `<protocol>Port` of a group. */
  readonly port: number;
}
