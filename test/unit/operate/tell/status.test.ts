import { describe, expect, it } from "vitest";
import type { Seen } from "../../../../src/operate/observe/observe.ts";
import type { ClientState, MirrorState } from "../../../../src/operate/observe/states.ts";
import { renderStatus, statusDocument } from "../../../../src/operate/tell/renderStatus.ts";
import { inventory, host, primaryState, secondaryState, observation, concerns } from "./statusSample.ts";

describe("status", () => {
  it("shows a healthy stack", () => {
    const { text, concerns } = renderStatus(
      inventory,
      observation({ state: primaryState() }, { state: secondaryState() }),
    );
    expect(concerns).toEqual([]);
    expect(text).toMatchInlineSnapshot(`
      "Stack lab

      Mirrors
        mirror-a  on kvm-a  DRBD 8.4.11  ssh storage@10.30.0.11
        mirror-b  on kvm-b  DRBD 8.4.11  ssh storage@10.30.0.12

      Volumes
        r0  256MiB  mirror-a  Primary    UpToDate  Connected
                    mirror-b  Secondary  UpToDate  Connected
        r1  256MiB  mirror-a  Primary    UpToDate  Connected
                    mirror-b  Secondary  UpToDate  Connected

      Exports
        r0  nbd://10.20.0.10:10809/r0                             served by mirror-a  attached: 10.20.0.2
        r1  iscsi://10.20.0.10:3260/iqn.2026-11.net.example:r1/1  served by mirror-a  attached: iqn.2026-11.net.example:r1:app-1.kvm-a

      Clients
        app-1  running on kvm-a, shut off on kvm-b  ssh storage@10.30.0.21
          r0  by NBD    in the guest: /dev/disk/by-id/virtio-r0
          r1  by iSCSI  in the guest: /dev/disk/by-id/ata-QEMU_HARDDISK_r1

      All is as it should be.
      "
    `);
  });

  it("is there for a machine: what everybody said, and what needs attention", () => {
    const seen = observation({ state: primaryState() }, { unreachable: "no route to host" });
    const { concerns } = renderStatus(inventory, seen);
    const document = JSON.parse(JSON.stringify(statusDocument(inventory, seen, concerns)));
    expect(document).toMatchObject({
      version: 1,
      stack: "lab",
      healthy: false,
      mirrors: {
        "mirror-a": { state: { volumes: [{ name: "r0", role: "Primary" }, { name: "r1" }] } },
        "mirror-b": { unreachable: "no route to host" },
      },
      hosts: { "kvm-a": { state: { host: "kvm-a" } } },
    });
    expect(document.concerns).toEqual(concerns);
    expect(concerns).toContain("mirror mirror-b cannot be asked: no route to host");
    const whole = observation({ state: primaryState() }, { state: secondaryState() });
    expect(statusDocument(inventory, whole, [])).toMatchObject({ healthy: true, concerns: [] });
  });

  it("shows the space of the storage pools, and what cannot be kept of what they promised", () => {
    const GiB = 1024 ** 3;
    const withPool = (name: string, state: string, promised: number): Seen<ClientState> => {
      const found = host(name, state);
      return "state" in found
        ? { state: { ...found.state, pools: [{ name: "default", free: 70 * GiB, promised }] } }
        : found;
    };
    const hosts = new Map([
      ["kvm-a", withPool("kvm-a", "running", 0)],
      ["kvm-b", withPool("kvm-b", "shut off", 80 * GiB)],
    ]);
    const { text, concerns } = renderStatus(inventory, {
      ...observation({ state: primaryState() }, { state: secondaryState() }),
      hosts,
    });
    expect(text).toContain(
      "Storage pools\n  default  on kvm-a  70.0 GiB free\n  default  on kvm-b  70.0 GiB " +
        "free  disks in it may still grow by 80.0 GiB\n\nVolumes\n",
    );
    expect(text).toContain(
      "  ! storage pool default on kvm-b has 70.0 GiB free, and disks in it may still grow by 80.0 GiB",
    );
    expect(concerns).not.toEqual([]);
  });

  it("names the mirror that has the VIP, where both have servers, and a client not yet connected again", () => {
    const standby = {
      ...secondaryState(),
      groups: [{ name: "main", vip: false, enabled: false, nbd: true, iscsi: false }],
    };
    const row = (onA?: string) =>
      renderStatus(
        inventory,
        observation({ state: { ...primaryState(), attached: [] } }, { state: standby }, onA),
      ).text.match(/r0 +nbd:.*/)?.[0];
    expect(row()).toMatch(/served by mirror-a +nobody attached; app-1 connects when it next reads or writes$/);
    expect(row("shut off")).toMatch(/served by mirror-a +nobody attached$/);
  });

  it("says beside a connection that the peer does not answer: DRBD may not have noticed yet that it is gone", () => {
    const rows = (change: Parameters<typeof primaryState>[0], b: Seen<MirrorState>) =>
      renderStatus(inventory, observation({ state: primaryState(change) }, b)).text.match(
        /(?<=^ +r0 +256MiB ).*\n.*$/m,
      )?.[0];
    const silent = { unreachable: "Connection timed out" };
    expect(rows({}, silent)).toMatch(
      /^ mirror-a +Primary +UpToDate +Connected \(mirror-b does not answer\)\n +mirror-b +unknown$/,
    );
    expect(rows({ syncPercent: 41.25, connection: "SyncSource" }, silent)).toMatch(
      /SyncSource \(mirror-b does not answer\) +41\.3 % synchronised\n/,
    );
    // It says itself that nobody is there.
    expect(rows({ connection: "WFConnection" }, silent)).toMatch(/^ mirror-a +Primary +UpToDate +WFConnection\n/);
    expect(rows({}, { state: secondaryState() })).toMatch(/Connected\n.*Connected$/);
  });

  it("says how far a synchronisation is, and what it means", () => {
    const syncing = { syncPercent: 41.25, connection: "SyncSource", peerDisk: "Inconsistent" };
    const seen = observation(
      { state: primaryState(syncing) },
      { state: secondaryState({ ...syncing, connection: "SyncTarget", disk: "Inconsistent" }) },
    );
    expect(renderStatus(inventory, seen).text).toMatch(/mirror-a +Primary +UpToDate +SyncSource +41\.3 % synchronised/);
    const timed = observation(
      { state: primaryState({ ...syncing, syncSecondsLeft: 7507 }) },
      { state: secondaryState() },
    );
    expect(renderStatus(inventory, timed).text).toMatch(/41\.3 % synchronised, 2 h 5 min left\n/);
    expect(concerns(seen)).toMatchInlineSnapshot(`
      "Needs attention
        ! volume r0 is being synchronised (41.3 %): until it ends a write is safe on one copy only
      "
    `);
  });
});
