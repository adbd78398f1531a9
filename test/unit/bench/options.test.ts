import { describe, expect, it } from "vitest";
import { machineIn } from "../../../bench/machine.ts";
import { parseOptions } from "../../../bench/options.ts";

const at = new Date(1_763_712_000_500);

describe("options", () => {
  it("have defaults", () => {
    expect(parseOptions([], at)).toMatchObject({
      part: "disks",
      stack: undefined,
      repetitions: 5,
      seconds: 5,
      size: 2 ** 30,
      seed: 1_763_712_000,
      overwrite: [],
      direct: true,
      restartClient: false,
      diskSpeed: null,
    });
    expect(parseOptions([], at).loads).toHaveLength(10);
    expect(parseOptions(["--layers"], at).loads).toHaveLength(6);
  });

  it("are read", () => {
    const words = "--seed 3 --loads write-1m,read-1m --overwrite a --overwrite b --no-direct --disk-speed 339,40000";
    const options = parseOptions(words.split(" "), at);
    expect(options).toMatchObject({ seed: 3, overwrite: ["a", "b"], direct: false });
    expect(options.loads.map(({ name }) => name)).toEqual(["read-1m", "write-1m"]);
    expect(options.diskSpeed).toEqual({ bytesPerSecond: 339e6, requestsPerSecond: 40_000 });
  });

  it.each([
    ["--repetitions 0", "--repetitions is a whole number, at least 1, not 0"],
    ["--size 8", "--size is a whole number, at least 16, not 8"],
    ["--loads all", "there is no load all; there are: read-512-cached"],
    ["--out b.txt", "the report's name ends with .json"],
    ["--layers --clean-up", "--layers and --clean-up do not go together"],
    ["--servers --layers", "--layers and --servers do not go together"],
    ["--disk-speed 0,1", "--disk-speed is MB/s and requests/s"],
    ["--kills 3", "usage: kvm-mirror bench"],
  ])("are refused: %s", (line, words) => {
    expect(() => parseOptions(line.split(" "), at)).toThrow(words);
  });
});

it("a machine is told by four lines of its host", () => {
  expect(machineIn("<domain type='kvm'\nQEMU 7.2.22\n16\nEPYC 9354\n")).toEqual({
    guests: "kvm",
    qemu: "7.2.22",
    processors: 16,
    processor: "EPYC 9354",
  });
  expect(() => machineIn("\n")).toThrow("does not say what its guests run on");
});
