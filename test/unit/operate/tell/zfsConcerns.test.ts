import { describe, expect, it } from "vitest";
import { zfsConcerns } from "../../../../src/operate/tell/zfsConcerns.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import { concerns, observation, primaryState, secondaryState } from "./statusSample.ts";

type Pool = NonNullable<MirrorState["pool"]>;
const online: Pool = { state: "ONLINE", errors: 0, faults: 0, scrubbed: null };
const said = (pool: Partial<Pool>) => zfsConcerns({ ...primaryState({}), pool: { ...online, ...pool } });

it("says that a copy is damaged while its peer's is not, and where it is made anew", () => {
  const second: MirrorState = { ...secondaryState({}), pool: { ...online, errors: 3, faults: 5 } };
  expect(concerns(observation({ state: primaryState({}) }, { state: second }))).toMatchInlineSnapshot(`
    "Needs attention
      ! mirror-b: ZFS found 3 damaged blocks, which cannot be read as written: copies of volumes there are damaged, those of the other mirror are not. Make them anew before that one fails: docs/runbooks/replace-a-mirror.md#a-zfs-pool
    "
  `);
});

describe("what ZFS says of a mirror's pool", () => {
  it("that it is missing or silent, that its disk fails, or got something wrong", () => {
    expect([
      said({ state: "missing", errors: null, faults: null }),
      said({ state: "silent", errors: null, faults: null }),
      said({ state: "SUSPENDED", errors: null }),
      said({ faults: 2 }),
      said({ errors: 1 }),
    ]).toMatchInlineSnapshot(`
      [
        [
          "mirror-a: its ZFS pool is not there, and no copy of a volume with backing zvol: docs/runbooks/replace-a-mirror.md#a-zfs-pool (there: systemctl status kvm-mirror-zfs)",
        ],
        [
          "mirror-a: ZFS does not answer there: its disk hangs; docs/runbooks/slow-writes.md",
        ],
        [
          "mirror-a: its ZFS pool is SUSPENDED: its disk fails; docs/runbooks/replace-a-mirror.md#a-zfs-pool",
        ],
        [
          "mirror-a: its ZFS disk gave 2 wrong answers, which ZFS has mended: the disk fails; docs/runbooks/replace-a-mirror.md#a-zfs-pool",
        ],
        [
          "mirror-a: ZFS found 1 damaged block, which cannot be read as written: copies of volumes there are damaged, those of the other mirror are not. Make them anew before that one fails: docs/runbooks/replace-a-mirror.md#a-zfs-pool",
        ],
      ]
    `);
  });

  it("that somebody has set sync=disabled, beside whatever else there is", () => {
    expect(said({ unsafe: ["kvm-mirror-zfs/r0", "kvm-mirror-zfs/r1"], faults: 1 })).toEqual([
      "mirror-a: sync=disabled is set on kvm-mirror-zfs/r0 and kvm-mirror-zfs/r1: ZFS acknowledges there what no " +
        "disk has, and a power cut loses it. There: sudo zfs set sync=standard kvm-mirror-zfs/r0 kvm-mirror-zfs/r1",
      expect.stringContaining("its ZFS disk gave 1 wrong answers"),
    ]);
    expect(said({ unsafe: [] })).toEqual([]);
    expect(said({ unsafe: null })).toEqual([]);
  });

  it("nothing of one that is whole, and of a mirror that has none, or whose scripts do not ask", () => {
    expect(said({})).toEqual([]);
    expect(zfsConcerns({ ...primaryState({}), pool: null })).toEqual([]);
    expect(zfsConcerns(primaryState({}))).toEqual([]);
  });
});
