import { describe, expect, test } from "vitest";
import { a, b, playedMirrors } from "./playedMirrors.ts";

const played = playedMirrors();
const { run, calls, mirrors } = played;
const document = "==> /etc/kvm-mirror/main.env 0644\nVIP=192.0.2.10\n\n";

describe("configure-group.sh", () => {
  const configure = () =>
    run(
      "configure-group.sh",
      ["main", "one", a, played.hostKey(), "two", b, played.hostKey(), "-"],
      `cat <<'END' |\n${document}END\n`,
    );
  const checked = ["1 group-configure.sh main --check --others=-", "2 group-configure.sh main --check --others=-"];
  const installed = (mirror: 1 | 2) =>
    played.machine.ok(`cat /run/mirror/127.0.0.${mirror}/document 2>/dev/null || true`);

  test.each([
    ["idle", "idle", ["1", "2"]],
    ["serving", "idle", ["1", "2"]],
    ["idle", "serving", ["2", "1"]],
  ])("both take it before either installs it, the one that serves first (%s/%s)", (one, other, order) => {
    mirrors(one, other);
    expect(configure()).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(calls()).toEqual([...checked, ...order.map((mirror) => `${mirror} group-configure.sh main --others=-`)]);
    expect([installed(1), installed(2)]).toEqual([document.trimEnd(), document.trimEnd()]);
    expect(played.machine.ok("stat -c %s /run/mirror/127.0.0.1/document")).toBe(String(document.length));
  });

  test.each([
    ["one", 1, checked.slice(0, 1)],
    ["two", 2, checked],
  ])("neither installs it when %s refuses", (name, mirror, asked) => {
    mirrors("serving", "idle", `127.0.0.${mirror}/group-configure.sh_main_--check_--others=-`);
    expect(configure()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        `group main: nothing is changed on either mirror. ${name} does not take the new configuration`,
      ),
    });
    expect(calls()).toEqual(asked);
  });

  test("neither installs it when one cannot be reached", () => {
    mirrors("serving", "idle");
    const away = run(
      "configure-group.sh",
      ["main", "one", a, played.hostKey(), "two", "root@127.0.0.9", played.hostKey(), "-"],
      `cat <<'END' |\n${document}END\n`,
    );
    expect(away).toMatchObject({
      status: 255,
      stderr: expect.stringContaining("group main: nothing is changed on either mirror. two cannot be reached"),
    });
    expect(calls()).toEqual([]);
  });

  test("the other keeps the old one when the mirror that serves refuses at last", () => {
    mirrors("idle", "serving", "127.0.0.2/group-configure.sh_main_--others=-");
    expect(configure()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        "two did not install its new configuration, for the reason above; one keeps the old one",
      ),
    });
    expect(calls()).toEqual([...checked, "2 group-configure.sh main --others=-"]);
  });

  test("says where the group has to stay when only the mirror that serves has it", () => {
    mirrors("serving", "idle", "127.0.0.2/group-configure.sh_main_--others=-");
    expect(configure()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        "one has the new configuration, two has not, for the reason above. On two other clients are admitted. " +
          "Keep the group on one, and run `pulumi up` again",
      ),
    });
  });

  test("refuses words that are no group or mirror", () => {
    for (const args of [
      ["main", "one", a, played.hostKey()],
      ["main;id", "one", a, played.hostKey(), "two", b, played.hostKey(), "-"],
      ["main", "one", a, "key", "two", b, played.hostKey(), "-"],
    ]) {
      expect(run("configure-group.sh", args)).toMatchObject({ status: 2 });
    }
  });
});

describe("remove-group.sh", () => {
  const remove = () => run("remove-group.sh", ["main", "one", a, played.hostKey(), "two", b, played.hostKey()]);
  test("takes the group off both mirrors", () => {
    mirrors("idle", "serving");
    expect(remove()).toMatchObject({ status: 0, stderr: "" });
    expect(calls()).toEqual(["1 group-remove.sh main", "2 group-remove.sh main"]);
  });

  test("fails where one refuses: it is asked again by the next `up`", () => {
    mirrors("serving", "idle", "127.0.0.1/group-remove.sh_main");
    expect(remove()).toMatchObject({ status: 1 });
    expect(calls()).toEqual(["1 group-remove.sh main"]);
  });
});
