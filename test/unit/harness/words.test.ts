import { describe, expect, it } from "vitest";
import { minorOf, parseProcDrbd } from "../../../harness/drbd.ts";
import { hostTarget } from "../../../harness/system.ts";

describe("what is read of a system", () => {
  const proc = [
    "version: 8.4.11 (api:1/proto:86-101)",
    " 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----",
    "    ns:1 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0",
    " 1: cs:WFConnection ro:Secondary/Unknown ds:Outdated/DUnknown C r-----",
    "    ns:1 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:72",
    "11: cs:Unconfigured",
  ].join("\n");

  it("/proc/drbd by minor", () => {
    expect(parseProcDrbd(proc, 0)).toEqual({
      connection: "Connected",
      role: "Primary",
      disk: "UpToDate",
      peerDisk: "UpToDate",
      outOfSync: 0,
    });
    expect(parseProcDrbd(proc, 1)).toEqual({
      connection: "WFConnection",
      role: "Secondary",
      disk: "Outdated",
      peerDisk: "DUnknown",
      outOfSync: 72,
    });
    expect(() => parseProcDrbd(proc, 2)).toThrow("says nothing of minor 2");
    expect(() => parseProcDrbd(proc, 11)).toThrow("says nothing of minor 11");
    expect(minorOf("/dev/drbd12")).toBe(12);
    expect(() => minorOf("/dev/vdb")).toThrow("is no DRBD device");
  });

  it("a host's URI", () => {
    expect(hostTarget("qemu+ssh://root@10.30.0.2/system")).toBe("root@10.30.0.2");
    expect(() => hostTarget("qemu:///system")).toThrow("by ssh alone");
  });
});
