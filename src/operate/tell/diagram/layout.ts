import type { Block, Site } from "./blocks.ts";

/** Places and sizes in pixels; y grows downwards. */
export interface Box {
  readonly kind: Block["kind"];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Text {
  readonly x: number;
  /** Of the line the letters stand on. */
  readonly y: number;
  readonly text: string;
  readonly title: boolean;
}

/** From (x1, y) to (x2, y): a network reaches a KVM host. */
export interface Link {
  readonly x1: number;
  readonly x2: number;
  readonly y: number;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly texts: readonly Text[];
  readonly links: readonly Link[];
}

/** Of a monospaced letter of 12 pixels, with some room: fonts differ. */
export const letterWidth = 7.5;
export const lineHeight = 18;
const [padding, gap, margin, reach] = [12, 14, 20, 70];

/** Hosts on the left and on the right, in turn, and between them the networks that join them and the groups. */
export function layOut({ title, hosts, networks, groups }: Site): Picture {
  const sides = [hosts.filter((_, index) => index % 2 === 0), hosts.filter((_, index) => index % 2 === 1)] as const;
  const widths = [widthOf(sides[0]), widthOf([...networks, ...groups]), widthOf(sides[1])] as const;
  const left = margin;
  const middle = left + widths[0] + reach;
  const right = middle + widths[1] + reach;
  const top = margin + lineHeight + gap;
  const joined = networks.reduce((sum, block) => sum + heightOf(block) + gap, -gap);
  const columns = [
    // A host is at least as high as the networks beside it, so that each of them reaches it.
    column(sides[0], left, top, widths[0], joined),
    column([...networks, ...groups], middle, top, widths[1]),
    column(sides[1], right, top, widths[2], joined),
  ];
  const boxes = columns.flatMap((one) => one.boxes);
  const links = boxes
    .filter(({ kind }) => kind === "network")
    .flatMap(({ y, height }): Link[] => [
      ...(sides[0].length === 0 ? [] : [{ x1: left + widths[0], x2: middle, y: y + height / 2 }]),
      ...(sides[1].length === 0 ? [] : [{ x1: middle + widths[1], x2: right, y: y + height / 2 }]),
    ]);
  const rightmost = Math.max(...boxes.map((box) => box.x + box.width), left + title.length * letterWidth);
  return {
    width: Math.ceil(rightmost + margin),
    height: Math.ceil(Math.max(...boxes.map((box) => box.y + box.height), top) + margin),
    boxes,
    texts: [{ x: left, y: margin + lineHeight - 4, text: title, title: true }, ...columns.flatMap((one) => one.texts)],
    links,
  };
}

interface Placed {
  readonly boxes: readonly Box[];
  readonly texts: readonly Text[];
}

/** Blocks below each other. @param least height of each */
function column(blocks: readonly Block[], x: number, top: number, width: number, least = 0): Placed {
  let y = top;
  const placed = blocks.map((block) => {
    const one = place(block, x, y, width, least);
    y += Math.max(heightOf(block), least) + gap;
    return one;
  });
  return { boxes: placed.flatMap((one) => one.boxes), texts: placed.flatMap((one) => one.texts) };
}

function place(block: Block, x: number, y: number, width: number, least: number): Placed {
  const texts = block.lines.map((text, index) => ({
    x: x + padding,
    y: y + padding + (index + 1) * lineHeight - 5,
    text,
    title: index === 0,
  }));
  const below = y + padding + block.lines.length * lineHeight + gap;
  const inner = column(block.within, x + padding, below, width - 2 * padding);
  const box = { kind: block.kind, x, y, width, height: Math.max(heightOf(block), least) };
  return { boxes: [box, ...inner.boxes], texts: [...texts, ...inner.texts] };
}

function heightOf({ lines, within }: Block): number {
  const inner = within.reduce((sum, block) => sum + gap + heightOf(block), 0);
  return 2 * padding + lines.length * lineHeight + inner;
}

function widthOf(blocks: readonly Block[]): number {
  const one = ({ lines, within }: Block): number =>
    2 * padding + Math.max(...lines.map((line) => line.length * letterWidth), widthOf(within));
  return Math.max(0, ...blocks.map(one));
}
