import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { shellLine } from "../../plugins/serving/shell.ts";
import { Machine } from "./machine.ts";
import { repository } from "./playedOperator.ts";

/** A clone whose lab is up, as far as its scripts see; in the machine's memory, so that nothing real is at stake. */
const clone = "/tmp/clone";
let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
  machine.ok(`mkdir -p ${clone} && cp -R ${repository}/lab ${repository}/toolchain ${clone}/
    mkdir -p ${clone}/.lab/pulumi /run/kvm-mirror /run/netns && echo lab >${clone}/.lab/stack
    ln -s ${clone}/.lab /run/kvm-mirror/kvm`);
});
afterAll(() => machine?.stop());

const run = (script: string, ...args: readonly string[]) =>
  machine.sh(`cd ${clone} && env --unset PULUMI_STACK bash lab/${script} ${shellLine(args)}`);
const files = () => machine.ok(`find ${clone} /run | sort`);

describe("a script of the lab that is asked for help", () => {
  test.each([
    ["up.sh", "npm run lab -- [--stack NAME] [--slow N] [--hosts-only]", ["--help"], ["--hosts-only", "-h"]],
    ["down.sh", "npm run lab:down -- [--fast]", ["--help"], ["--fast", "--help"]],
    ["operator.sh", "npm run lab:shell -- [COMMAND ARG…]", ["--help"], ["--if-up", "-h"]],
    ["hosts.sh", "hosts.sh down [--prefix P]", ["--help"], ["down", "--help"]],
  ])("%s says how it is used, and does nothing", (script, usage, ...all) => {
    const before = files();
    for (const args of all)
      expect(run(script, ...args)).toEqual({ status: 0, stdout: expect.stringContaining(usage), stderr: "" });
    expect(files()).toBe(before);
  });

  test.each([
    ["up.sh", "--hepl"],
    ["down.sh", "--fast", "--hepl"],
    ["operator.sh", "--hepl"],
    ["hosts.sh", "down", "--hepl", "x"],
  ])("%s does nothing where an option is none", (script, ...args) => {
    const before = files();
    expect(run(script, ...args)).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining(`${script}: unknown option '--hepl'`),
    });
    expect(files()).toBe(before);
  });

  test("operator.sh leaves the options of a command to the command", () => {
    expect(
      machine.sh(`bash ${repository}/lab/operator.sh --prefix nobody --if-up echo --help --stack dev`),
    ).toMatchObject({ status: 0, stdout: "--help --stack dev\n" });
  });
});

test("operator.sh tells a lab that is being made from one that is not there", () => {
  const without = (...args: readonly string[]) => run("operator.sh", "--prefix", "nobody", ...args).stderr;
  const making = "operator.sh: the lab of this clone has no hosts yet: npm run lab is at work, or was broken off";
  expect(without("--if-up", "true")).toContain(`${making} (then repeat it). The stack is that of pulumi stack select`);
  expect(without("true")).toContain(making);
  machine.ok(`rm ${clone}/.lab/stack`);
  const none = "operator.sh: no lab is up (npm run lab starts it)";
  expect(without("--if-up", "true")).toBe(`${none}. The stack is that of pulumi stack select\n`);
  expect(without("true")).toBe(`${none}\n`);
});

describe("slowed time", () => {
  const guestsClock = (before: string) =>
    machine.sh(
      `${before} source ${repository}/lab/lib/slowed.sh; guests_clock /tmp/slowed; printf '%s\n' "\${clock[@]}"`,
    );

  test("a program shares a clock that was right when the lab began, and is ten times slower since", () => {
    machine.ok(`mkdir /tmp/slowed; echo "10 $((EPOCHSECONDS - 1000))" >/tmp/slowed/.slowed`);
    const { stdout } = guestsClock("");
    expect(stdout).toMatch(/^LD_PRELOAD=\S+\/libfaketimeMT\.so\.1\nFAKETIME=-90\d\.\d+s x0\.100000000\n$/);
  });

  test("a program that shares it already passes it on, and none does where time is not slowed", () => {
    expect(guestsClock("FAKETIME='-5s x0.5';")).toMatchObject({ status: 0, stdout: "\n" });
    machine.ok("rm /tmp/slowed/.slowed");
    expect(guestsClock("")).toMatchObject({ status: 0, stdout: "\n" });
  });

  test.each([
    ["up.sh", "0", "--slow is a whole number from 1 to 99, not '0'"],
    ["hosts.sh up --prefix slowed", "ten", "--slow is a whole number from 1 to 99, not 'ten'"],
    [
      "hosts.sh up --prefix slowed --kvm yes",
      "10",
      "guests on KVM keep the machine's time: --slow is for emulated ones",
    ],
  ])("%s --slow %s is refused", (script, slow, words) => {
    const [name = "", ...args] = script.split(" ");
    expect(run(name, ...args, "--slow", slow)).toMatchObject({ status: 1, stderr: expect.stringContaining(words) });
  });
});

describe("another clone's lab", () => {
  const other = "/tmp/other/.lab";
  const record = () => machine.sh("readlink /run/kvm-mirror/kvm").stdout.trim();
  beforeEach(() => {
    machine.ok(`mkdir -p ${other} && echo disk >${other}/disk && ln -sfn ${other} /run/kvm-mirror/kvm`);
  });

  test.each(["up.sh", "down.sh"])("that is up is left alone by %s", (script) => {
    machine.ok("ip netns add kvm-a && (ip netns exec kvm-a sleep 1000 >/dev/null 2>&1 & echo $! >/tmp/host)");
    const { status, stderr } = run(script);
    machine.ok("kill $(cat /tmp/host) && ip netns delete kvm-a");
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(`its state is in ${other}`) });
    expect(record()).toBe(other);
  });

  test("of which nothing runs is in nobody's way, and keeps its files", () => {
    machine.ok("ip netns add kvm-a");
    const { status, stderr } = run("down.sh");
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining("nothing runs of another clone") });
    expect(record()).toBe("");
    expect(machine.ok(`cat ${other}/disk; ip netns list`)).toBe("disk");
  });
});
