import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Config } from "../../../plugins/cloudinit/config.ts";
import { render } from "../../../plugins/cloudinit/render.ts";
import { checkResource } from "../../../plugins/serving/check.ts";
import { UNKNOWN } from "../../../plugins/serving/wire.ts";

const PARTS = [
  { contentType: "text/cloud-config", content: "#cloud-config\n{}\n", mergeType: "list(append)+dict(recurse_array)" },
  { contentType: "text/x-shellscript", content: "#!/bin/sh\ntrue", filename: "run.sh" },
];
const PLAIN = { gzip: false, base64Encode: false, boundary: "MIMEBOUNDARY" };

test("the archive is that of the official provider, byte for byte", () => {
  expect(render({ ...PLAIN, parts: PARTS }).split("\r\n")).toEqual([
    'Content-Type: multipart/mixed; boundary="MIMEBOUNDARY"\nMIME-Version: 1.0',
    "",
    "--MIMEBOUNDARY",
    "Content-Transfer-Encoding: 7bit",
    "Content-Type: text/cloud-config",
    "Mime-Version: 1.0",
    "X-Merge-Type: list(append)+dict(recurse_array)",
    "",
    "#cloud-config\n{}\n",
    "--MIMEBOUNDARY",
    'Content-Disposition: attachment; filename="run.sh"',
    "Content-Transfer-Encoding: 7bit",
    "Content-Type: text/x-shellscript",
    "Mime-Version: 1.0",
    "",
    "#!/bin/sh\ntrue",
    "--MIMEBOUNDARY--",
    "",
  ]);
});

test("base64 and gzip hold the same archive", () => {
  const plain = render({ ...PLAIN, parts: PARTS });
  expect(Buffer.from(render({ ...PLAIN, base64Encode: true, parts: PARTS }), "base64").toString()).toBe(plain);
  const packed = render({ ...PLAIN, base64Encode: true, gzip: true, parts: PARTS });
  expect(gunzipSync(Buffer.from(packed, "base64")).toString()).toBe(plain);
  expect(render({ ...PLAIN, base64Encode: true, gzip: true, parts: PARTS })).toBe(packed);
});

test("an archive without parts is closed properly", () => {
  expect(render({ ...PLAIN, parts: [] })).toBe(
    'Content-Type: multipart/mixed; boundary="MIMEBOUNDARY"\nMIME-Version: 1.0\r\n\r\n\r\n--MIMEBOUNDARY--\r\n',
  );
});

test("defaults are those of the official provider", () => {
  expect(checkResource(Config, {}, { parts: [{ content: "x" }] }).inputs).toEqual({
    gzip: true,
    base64Encode: true,
    boundary: "MIMEBOUNDARY",
    parts: [{ content: "x", contentType: "text/plain" }],
  });
});

const failures = (inputs: object) =>
  checkResource(Config, {}, inputs as never).failures.map(({ property, reason }) => `${property}: ${reason}`);

test("what would make a broken archive is refused", () => {
  expect(
    failures({ ...PLAIN, gzip: true, parts: [{ content: "a\n--MIMEBOUNDARY\nb" }, { content: UNKNOWN }] }),
  ).toEqual([
    "base64Encode: must be true when gzip is true: compressed data is not text",
    "parts[0].content: contains the boundary --MIMEBOUNDARY: choose another boundary",
  ]);
  expect(failures({ boundary: "bad\n", parts: [{ content: "", filename: 'x"\r\nX: y' }] })).toEqual([
    "boundary: must be 1 to 70 of the characters that RFC 2046 allows in a boundary",
    "parts[0].filename: must be one line",
  ]);
});

test("the archive is known in a preview when its parts are", () => {
  const known = { ...PLAIN, parts: PARTS };
  expect(Config.preview?.(known, undefined)).toEqual({ rendered: render(known) });
  expect(
    Config.preview?.({ ...PLAIN, parts: [{ content: undefined, contentType: "text/plain" }] } as never, undefined),
  ).toEqual({ rendered: undefined });
  expect(Config.preview?.(PLAIN, undefined)).toEqual({ rendered: undefined });
});
