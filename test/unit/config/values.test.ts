import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress } from "../../../src/config/address.ts";
import { contains, overlap, parseCidr } from "../../../src/config/cidr.ts";
import { checkIqn } from "../../../src/config/exports/iscsi/iqn.ts";
import { libvirtHost } from "../../../src/config/libvirtUri.ts";
import { formatSize, parseSize } from "../../../src/config/sizes.ts";
import { parseSchedule } from "../../../src/config/schedule.ts";
import { checkPublicKey } from "../../../src/config/machines/ssh.ts";
import { didYouMean, listed } from "../../../src/check/suggest.ts";
import { mistakes, publicKey } from "./sample.ts";

describe("sizes", () => {
  it("are whole numbers of units of 1024", () => {
    expect(["1KiB", "256MiB", "100 GiB", "2TiB"].map(parseSize)).toEqual([
      1024, 268435456, 107374182400, 2199023255552,
    ]);
  });

  it.each(["", "1.5GiB", "-1GiB", "1GiBs", "GiB", "1e3MiB", "9999999999TiB", "1 000MiB"])("refuse %j", (text) => {
    expect(() => parseSize(text)).toThrow(/^(is|has)/);
  });

  it("are written in the largest unit that divides them", () => {
    expect([268435456, 269484032, 1099511627776, 1536].map(formatSize)).toEqual(["256MiB", "257MiB", "1TiB", "1536B"]);
  });
});

describe("the time at which copies are compared", () => {
  it("is a day and a time, as systemd writes it", () => {
    expect(
      ["Sun 03:00", "daily 23:59", "monthly 00:00", "never"].map((text) => parseSchedule(text, "to rest at")),
    ).toEqual(["Sun *-*-* 03:00:00", "*-*-* 23:59:00", "*-*-01 00:00:00", null]);
  });

  it.each(["", "sunday 03:00", "Sun", "Sun 3:00", "Sun 24:00", "weekly 03:00", "Sun 03:00; reboot", "Never"])(
    "refuses %j",
    (text) => {
      expect(() => parseSchedule(text, "to rest at")).toThrow(/^is no time to rest at; write a day/);
    },
  );
});

describe("addresses", () => {
  it("are numbers and back", () => {
    expect(["0.0.0.0", "10.20.0.11", "192.0.2.255", "255.255.255.255"].map(parseAddress).map(formatAddress)).toEqual([
      "0.0.0.0",
      "10.20.0.11",
      "192.0.2.255",
      "255.255.255.255",
    ]);
    expect(parseAddress("10.20.0.11")).toBe(169082891);
  });

  it.each(["10.20.0", "10.20.0.256", "10.20.0.01", "10.20.0.1/24", "::1", " 10.20.0.1", "10..0.1"])(
    "refuse %j",
    (text) => {
      expect(() => parseAddress(text)).toThrow("is not an IPv4 address");
    },
  );
});

describe("networks", () => {
  it("know their first and last address", () => {
    expect(parseCidr("192.0.2.64/26")).toEqual({
      text: "192.0.2.64/26",
      prefix: 26,
      first: parseAddress("192.0.2.64"),
      last: parseAddress("192.0.2.127"),
    });
  });

  it("contain addresses and overlap at their edges exactly", () => {
    const network = parseCidr("10.20.0.0/24");
    expect(
      ["10.19.255.255", "10.20.0.0", "10.20.0.255", "10.20.1.0"].map((address) =>
        contains(network, parseAddress(address)),
      ),
    ).toEqual([false, true, true, false]);
    expect(
      ["10.20.1.0/24", "10.20.0.0/16", "10.20.0.128/25", "10.19.0.0/16"].map((other) =>
        overlap(network, parseCidr(other)),
      ),
    ).toEqual([false, true, true, false]);
  });

  it.each(["10.20.0.0", "10.20.0.0/33", "10.0.0.0/7", "10.20.0.0/30", "10.20.0.1/24", "0010.20.0.0/24"])(
    "refuse %j",
    (text) => {
      expect(() => parseCidr(text)).toThrow(/^(is|has)/);
    },
  );
});

describe("iSCSI names", () => {
  it.each(["iqn.2026-11.net.example:r1", "iqn.2023-10.world.srv:dlp.target01", "iqn.2026-11.net.example"])(
    "take %j",
    (name) => {
      expect(checkIqn(name)).toBe(name);
    },
  );

  it.each([
    "iqn.2026-13.net.example:r1",
    "iqn.26-11.net.example:r1",
    "iqn.2026-11.net..example:r1",
    "iqn.2026-11.net.example:",
    "eui.02004567A425678D",
    "iqn.2026-11.net.example:r 1",
    "iqn.2026-11.net.example:r1/1",
  ])("refuse %j", (name) => {
    expect(() => checkIqn(name)).toThrow(/^(is|has)/);
  });
});

it("finds the host in a libvirt URI", () => {
  expect(
    ["qemu:///system", "qemu+ssh://root@10.30.0.2/system", "qemu+ssh://kvm-a.example.net:2222/system?keyfile=/k"].map(
      libvirtHost,
    ),
  ).toEqual(["localhost", "10.30.0.2", "kvm-a.example.net"]);
});

describe("public SSH keys", () => {
  it("lose the line's end only", () => {
    expect(checkPublicKey(`${publicKey}\n`)).toBe(publicKey);
  });

  it("are never private ones, and those are not repeated", () => {
    const said = mistakes({ "ssh.authorizedKeys": ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE=\n"] });
    expect(said).toBe(
      "kvm-mirror:ssh.authorizedKeys[0]: is a private key, which belongs " +
        "nowhere but on its owner's machine; write the public one",
    );
  });

  it("cannot bring a second line into authorized_keys", () => {
    expect(() => checkPublicKey(`${publicKey}\nssh-ed25519 AAAA`)).toThrow("is not a public SSH key");
  });
});

describe("suggestions", () => {
  it("name what is near and nothing that is far", () => {
    expect([
      didYouMean("volums", ["volumes", "groups"]),
      didYouMean("storageaddress", ["storageAddress"]),
      didYouMean("colour", ["volumes"]),
    ]).toEqual([' (did you mean "volumes"?)', ' (did you mean "storageAddress"?)', ""]);
  });

  it("list words as one says them", () => {
    expect([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")]).toEqual([
      "",
      "a",
      "a and b",
      "a, b or c",
    ]);
  });
});
