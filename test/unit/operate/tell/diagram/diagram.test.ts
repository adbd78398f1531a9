import { describe, expect, it } from "vitest";
import { siteOf } from "../../../../../src/operate/tell/diagram/blocks.ts";
import { type Box, layOut, letterWidth, lineHeight } from "../../../../../src/operate/tell/diagram/layout.ts";
import { renderSvg } from "../../../../../src/operate/tell/diagram/svg.ts";
import { bare, type Changes, oneHost } from "../../../config/sample.ts";
import { planOf } from "../../../render/sample.ts";

const tenVolumes: Changes = Object.fromEntries(
  Array.from({ length: 10 }, (_, minor) => [
    `volumes.v${minor}`,
    { size: "500GiB", minor: minor + 10, exports: { nbd: {} } },
  ]),
);
const longName = "a-client-with-a-name-that-is-as-long-as-a-name-may-well-be";
const sites: Readonly<Record<string, Changes>> = {
  "one volume": { "volumes.r1": undefined, "clients.db-1": undefined },
  "two volumes": {},
  "twelve volumes": tenVolumes,
  "one host": oneHost,
  "a group without exports": bare,
  "a third host with a long name": {
    "hosts.kvm-c": { uri: "qemu+ssh://root@10.30.0.4/system", storageAddress: "10.20.0.4" },
    [`clients.${longName}`]: { active: "kvm-c", existing: true, disks: [] },
    [`clients.other`]: { active: "kvm-c", existing: true, disks: [] },
  },
};
const pictureOf = (changes: Changes) => layOut(siteOf(planOf(changes)));

type Area = Pick<Box, "x" | "y" | "width" | "height">;
const apart = (a: Area, b: Area) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
const holds = (a: Area, b: Area) =>
  a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height;

describe.each(Object.entries(sites))("%s", (_, changes) => {
  const picture = pictureOf(changes);
  const { boxes, texts, links, width, height } = picture;
  const areas = texts.map(({ x, y, text }) => ({
    x,
    y: y - lineHeight + 5,
    width: text.length * letterWidth,
    height: lineHeight,
  }));

  it("has boxes that are apart, or one in the other, all within the picture", () => {
    for (const [index, box] of boxes.entries()) {
      expect(holds({ x: 0, y: 0, width, height }, box)).toBe(true);
      for (const other of boxes.slice(index + 1))
        expect([box, other, apart(box, other) || holds(box, other)]).toContain(true);
    }
  });

  it("has texts that fit their boxes, and lie on no other text or box", () => {
    for (const [index, area] of areas.entries()) {
      const { text } = texts[index] ?? { text: "" };
      expect([text, holds({ x: 0, y: 0, width, height }, area)]).toEqual([text, true]);
      for (const box of boxes) expect([text, apart(box, area) || holds(box, area)]).toEqual([text, true]);
      for (const other of areas.slice(index + 1)) expect([text, apart(area, other)]).toEqual([text, true]);
    }
  });

  it("has lines from a network to a host, through no box", () => {
    for (const { x1, x2, y } of links) {
      for (const box of boxes) expect(apart(box, { x: x1, y, width: x2 - x1, height: 0 })).toBe(true);
      const touched = boxes.filter(
        (box) => box.y < y && y < box.y + box.height && (box.x === x2 || box.x + box.width === x1),
      );
      expect(touched.map(({ kind }) => kind).sort()).toEqual(["host", "network"]);
    }
  });

  it("names everything", () => {
    const plan = planOf(changes);
    const said = texts.map(({ text }) => text).join("\n");
    const { hosts, mirrors, groups, clients, volumes } = plan;
    for (const { name } of [...hosts, ...mirrors, ...groups, ...clients, ...volumes]) expect(said).toContain(name);
    for (const { exports } of groups) if (exports) expect(said).toContain(`VIP ${exports.vip}`);
    for (const word of ["replication", "storage", "management"]) expect(said).toContain(`Network ${word}`);
  });

  it("is the same each time", () => expect(renderSvg(picture)).toBe(renderSvg(pictureOf(changes))));
});

it("writes what a reader of XML takes", () => {
  const svg = renderSvg({
    width: 10,
    height: 10,
    boxes: [],
    links: [{ x1: 1, x2: 2, y: 3 }],
    texts: [{ x: 1, y: 2, text: "a < b & c", title: true }],
  });
  expect(svg).toMatchInlineSnapshot(`
    "<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10" viewBox="0 0 10 10" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12">
    <rect width="10" height="10" fill="#ffffff"/>
    <path d="M1 3H2" stroke="#4f8a3a" stroke-width="2"/>
    <text x="1" y="2" xml:space="preserve" font-weight="bold">a &lt; b &amp; c</text>
    </svg>
    "
  `);
});
