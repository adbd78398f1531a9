import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repository } from "../../../src/operate/stack/pulumiCommand.ts";

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "kvm-mirror-steps-"))));
afterEach(() => rmSync(directory, { recursive: true }));

/** What a step with this log says of itself. */
function atWork(...lines: readonly string[]): string {
  writeFileSync(join(directory, "log"), lines.map((line) => `${line}\n`).join(""));
  return execFileSync("bash", ["-c", `. ${repository}lab/lib/at-work.sh; at_work ${directory}/log`], {
    encoding: "utf8",
  });
}

const preview = [
  "Previewing update (lab):",
  "",
  " +  pulumi:pulumi:Stack kvm-mirror-lab create ",
  "@ previewing update.....",
  " +  kvm-mirror:index:KvmHost kvm-a create ",
  " +  libvirt:index:Network kvm-a-replication create ",
  " +  command:local:Command mirror-a-boot create ",
];
const begun = [
  ...preview,
  "Resources:",
  "    + 2 to create",
  "",
  "Updating (lab):",
  " +  pulumi:pulumi:Stack kvm-mirror-lab creating (0s) ",
  "@ updating.....",
  " +  kvm-mirror:index:MirrorVm mirror-a creating (0s) ",
];
const refused = "wait-for-mirror.sh: storage@10.30.0.11: waiting for ssh: No route to host";

describe("what a step of the lab says that it works on", () => {
  it("is that it starts, before it has said a word", () => {
    expect(atWork()).toBe("starting, it has said nothing yet\n");
    expect(atWork("", "@ updating.....", "\x1b[1m\x1b[0m")).toBe("starting, it has said nothing yet\n");
  });

  it("is the preview, and how far it is", () => {
    expect(atWork("Previewing update (lab):", "", "@ previewing update.....")).toBe("preview: 0 resources looked at\n");
    expect(atWork(...preview)).toBe("preview: 2 resources looked at\n");
  });

  it("is the resources that were begun and have not ended, and what the last one said", () => {
    expect(atWork(...begun)).toBe("Updating: no resource yet\n");
    const waiting = [
      ...begun,
      " +  libvirt:index:Network kvm-a-replication creating (0s) ",
      " +  command:local:Command mirror-a-boot creating (0s) ",
      "@ updating..........",
    ];
    expect(atWork(...waiting)).toBe("mirror-a-boot, kvm-a-replication\n");
    expect(
      atWork(
        ...waiting,
        ` +  command:local:Command mirror-a-boot creating (3s) ${refused} (3 s)`,
        " +  libvirt:index:Network kvm-a-replication created (0.32s) words of another one",
        "@ updating..........",
      ),
    ).toBe("mirror-a-boot: storage@10.30.0.11: waiting for ssh: No route to host (3 s)\n");
  });

  it("has no place for a carriage return in what a resource said", () => {
    expect(atWork(...begun, ` +  command:local:Command mirror-a-boot creating (3s) ${refused}\r (3 s)`)).toBe(
      "mirror-a-boot: storage@10.30.0.11: waiting for ssh: No route to host\n",
    );
  });

  it("is what ended last, where all that was begun has ended, whatever the sign", () => {
    const ended = (line: string): string =>
      atWork(...begun, " ~  libvirt:index:Domain mirror-a updating (0s) [diff: +x]", line);
    expect(ended(" ~  libvirt:index:Domain mirror-a updated (2s) [diff: +x]")).toBe(
      "between two resources; last: mirror-a updated\n",
    );
    expect(ended(" ~  libvirt:index:Domain mirror-a **updating failed** [diff: +x]; error: no")).toBe(
      "between two resources; last: mirror-a **updating\n",
    );
    expect(ended("    libvirt:index:Domain mirror-b refreshing (0s) ")).toBe("mirror-b, mirror-a\n");
  });

  it("fits on a line, however much is at work", () => {
    const many = Array.from(
      { length: 5 },
      (_, index) => ` -  command:local:Command r${index}-mirror-a-configuration deleting (0s) `,
    );
    expect(atWork("the stack holds 5 resources", "Destroying (lab):", ...many)).toBe(
      "r4-mirror-a-configuration, r3-mirror-a-configuration, r2-mirror-a-configuration and 2 more\n",
    );
    expect(atWork(...begun, ` +  command:local:Command x creating (3s) ${"y".repeat(200)}`)).toHaveLength(101);
  });

  it("is the last line of a program that is not Pulumi", () => {
    expect(atWork("updating the package indexes", "  installing \x1b[32mqemu\x1b[0m", "")).toBe("installing qemu\n");
    expect(atWork("10 %\r20 %\r")).toBe("20 %\n");
    expect(atWork(...begun, "Resources:", "    + 1 created", "", "Duration: 4s", "")).toBe("Duration: 4s\n");
  });
});
