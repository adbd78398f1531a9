/** Resource `cloudinit:index/config:Config`: user data for cloud-init, rendered from its parts. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { CheckFailure, ResourceKind } from "../serving/resource.ts";
import { render } from "./render.ts";
import type { Archive, Part } from "./render.ts";

const HEADER_VALUE = /^[^\r\n]*$/;
const headerValue = z.string().regex(HEADER_VALUE, "must be one line");

const PartSchema = z.strictObject({
  content: z.string(),
  contentType: headerValue.default("text/plain").describe("Media type of the part. Default: `text/plain`."),
  filename: headerValue.optional(),
  mergeType: headerValue
    .optional()
    .describe("Value of the part's header X-Merge-Type, which controls how cloud-init merges it with the others."),
});

/** Characters of a boundary: RFC 2046, section 5.1.1. */
const BOUNDARY = /^[A-Za-z0-9'()+_,\-./:=? ]{0,69}[A-Za-z0-9'()+_,\-./:=?]$/;

const InputsSchema = z.strictObject({
  gzip: z.boolean().default(true).describe("Compress `rendered`; needs `base64Encode`. Default: true."),
  base64Encode: z.boolean().default(true).describe("Encode `rendered` in base64. Default: true."),
  boundary: z
    .string()
    .regex(BOUNDARY, "must be 1 to 70 of the characters that RFC 2046 allows in a boundary")
    .default("MIMEBOUNDARY")
    .describe("The line between the parts. Default: `MIMEBOUNDARY`."),
  parts: z.array(PartSchema),
});

const OutputsSchema = z.strictObject({
  rendered: z.string().describe("The text to hand over as user data; secret if any part is."),
});

type Inputs = z.infer<typeof InputsSchema>;
interface State extends Inputs {
  /** The text to hand over as user data. */
  rendered: string;
}

export const Config: ResourceKind<object, Inputs, State> = {
  token: "cloudinit:index/config:Config",
  description:
    "User data for cloud-init: a MIME multi-part archive of the parts. Known in a preview as soon as the parts are.",
  inputs: InputsSchema,
  outputs: OutputsSchema,
  secretOutputs: ["rendered"],
  createBeforeDelete: true,

  check(news) {
    const parts: readonly (Partial<Part> | undefined)[] = news.parts ?? [];
    return [...compressionFailures(news), ...parts.flatMap((part, i) => boundaryFailures(part, i, news.boundary))];
  },
  preview: (news) => ({ rendered: isKnown(news) ? render(news) : undefined }),
  async create(_config, inputs) {
    const rendered = render(inputs);
    return { id: createHash("sha256").update(rendered).digest("hex").slice(0, 16), state: { ...inputs, rendered } };
  },
  async read(_config, id, _call, known) {
    if (known === undefined) throw new Error("a cloud-init config cannot be imported: it exists in the program alone");
    return { id, ...known };
  },
  update: async (_config, _id, _olds, news) => ({ ...news, rendered: render(news) }),
  delete: async () => {},
};

function compressionFailures({ gzip, base64Encode }: Partial<Inputs>): CheckFailure[] {
  if (gzip !== true || base64Encode !== false) return [];
  return [{ property: "base64Encode", reason: "must be true when gzip is true: compressed data is not text" }];
}

function boundaryFailures(
  part: Partial<Part> | undefined,
  index: number,
  boundary: string | undefined,
): CheckFailure[] {
  if (part?.content === undefined || boundary === undefined || !part.content.includes(`--${boundary}`)) return [];
  return [
    { property: `parts[${index}].content`, reason: `contains the boundary --${boundary}: choose another boundary` },
  ];
}

function isKnown(news: Partial<Inputs>): news is Archive & Inputs {
  const { gzip, base64Encode, boundary, parts } = news;
  if (gzip === undefined || base64Encode === undefined || boundary === undefined || parts === undefined) return false;
  return parts.every(
    (part: Partial<Part> | undefined) =>
      part !== undefined && Object.values({ content: part.content, ...part }).every((value) => value !== undefined),
  );
}
