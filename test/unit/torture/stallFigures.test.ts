import { describe, expect, it } from "vitest";
import { quantile, stallFigures } from "../../../torture/report/stallFigures.ts";
import { kill, report, run, sequence } from "./sample.ts";

describe("stall figures", () => {
  it("are measured values: nearest rank", () => {
    expect([
      quantile([], 0.5),
      quantile([3], 0.95),
      quantile([4, 1, 3, 2], 0.5),
      quantile([4, 1, 3, 2], 0.95),
      quantile([5, 1], 1),
    ]).toEqual([null, 3, 2, 4, 5]);
  });

  it("leave sequences out: in them writers wait for torture's next step", () => {
    expect(stallFigures(report(run({ kills: [sequence()] })))).toEqual([]);
  });

  it("of slowed time stand apart, with the factor: their seconds are others", () => {
    const figures = stallFigures(
      report(run({ kills: [kill()] }), run({ id: "slowed", slowness: 10, kills: [kill()] })),
    );
    expect(figures.map(({ guests, count }) => [guests, count])).toEqual([
      ["emulated", 1],
      ["emulated, slowed 10 ×", 1],
    ]);
  });

  it("are told by recovery, mode, protocol and virtualization, never-ending stalls apart, controls left out", () => {
    const figures = stallFigures(
      report(
        run({
          kills: [
            kill({ stall: 8 }),
            kill({ stall: 12 }),
            kill({ stall: null }),
            kill({
              recovery: "switch",
              stall: 2,
              phases: [],
              work: [
                { mirror: "mirror-a", was: "primary", processes: 50, cpu: 1.5 },
                { mirror: "mirror-b", was: "standby", processes: 60, cpu: 2.5 },
              ],
            }),
          ],
        }),
        run({
          id: "auto",
          mode: "automatic",
          protocol: "iscsi",
          floor: [],
          kills: [kill({ stall: 20, phases: [{ name: "fence", seconds: 6 }] })],
        }),
        run({ id: "control", control: "protocol-a", kills: [kill({ stall: 99 })] }),
      ),
    );
    expect(figures).toEqual([
      {
        title: "planned switch",
        protocol: "nbd",
        guests: "emulated",
        count: 1,
        never: 0,
        median: 2,
        p95: 2,
        worst: 2,
        floor: null,
        phases: [],
        work: [
          { was: "primary", processes: 50, cpu: 1.5 },
          { was: "standby", processes: 60, cpu: 2.5 },
        ],
      },
      {
        title: "failover by hand",
        protocol: "nbd",
        guests: "emulated",
        count: 2,
        never: 1,
        median: 8,
        p95: 12,
        worst: 12,
        floor: 1.5,
        phases: [
          { name: "fence", seconds: 2 },
          { name: "promote", seconds: 0.5 },
        ],
        work: [],
      },
      {
        title: "automatic failover",
        protocol: "iscsi",
        guests: "emulated",
        count: 1,
        never: 0,
        median: 20,
        p95: 20,
        worst: 20,
        floor: null,
        phases: [{ name: "fence", seconds: 6 }],
        work: [],
      },
    ]);
  });
});
