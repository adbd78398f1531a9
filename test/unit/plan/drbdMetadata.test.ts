import { describe, expect, it } from "vitest";
import { GiB, MiB, TiB } from "../../../src/config/sizes.ts";
import { dataDiskBytes, metadataBytes } from "../../../src/plan/backing/drbdMetadata.ts";

describe("DRBD's internal metadata", () => {
  it("is what the User's Guide's formula gives", () => {
    // 1 GiB is 2^21 sectors: 8 * 8 + 72 sectors.
    expect(metadataBytes(GiB)).toBe(136 * 512);
    expect(metadataBytes(GiB + 512)).toBe(144 * 512);
    expect(metadataBytes(TiB)).toBe((2 ** 13 * 8 + 72) * 512);
  });

  it.each([16 * MiB, 256 * MiB, GiB, 100 * GiB, TiB, 16 * TiB])(
    "leaves %d bytes on the smallest disk of whole MiB",
    (volume) => {
      const disk = dataDiskBytes(volume);
      const usable = (bytes: number): number => bytes - metadataBytes(bytes);
      expect(disk % MiB).toBe(0);
      expect(usable(disk)).toBeGreaterThanOrEqual(volume);
      expect(usable(disk - MiB)).toBeLessThan(volume);
    },
  );
});
