import { describe, expect, it } from "vitest";
import { sshKeyPair } from "../../../src/plan/opensshKey.ts";
import { deriveKeys } from "../../../src/plan/secrets.ts";

const secret = "0123456789abcdef".repeat(4);
const stack = { project: "kvm-mirror", stack: "unit" };
const keys = deriveKeys(secret, 1, stack);

describe("derived secrets", () => {
  it("never change for the same secret, generation and use", () => {
    expect([keys.drbdSharedSecret("r0"), keys.sshHostKey("mirror-a").publicKey]).toMatchInlineSnapshot(`
      [
        "RkQ6B_QQW93uTnG8fKSnW1-CwkbzokgJwuDDujHoTmk",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBtiz9LokZfsLXyCvU8qLVe46Kt2bQIOieFfOWddCzuI",
      ]
    `);
  });

  it("differ by volume, machine, generation and secret", () => {
    const all = [keys, deriveKeys(secret, 2, stack), deriveKeys(`${secret}0`, 1, stack)].flatMap((some) => [
      some.drbdSharedSecret("r0"),
      some.drbdSharedSecret("r1"),
      some.sshHostKey("r0").publicKey,
      some.sshHostKey("mirror-a").publicKey,
    ]);
    expect(new Set(all).size).toBe(all.length);
  });

  it("differ by stack where the secret says so, and only there: an older stack keeps its keys", () => {
    const other = { ...stack, stack: "other" };
    const hostKey = (text: string, of: typeof stack) => deriveKeys(text, 1, of).sshHostKey("mirror-a").publicKey;
    expect(hostKey(`stack-${secret}`, stack)).not.toBe(hostKey(`stack-${secret}`, other));
    expect(hostKey(secret, stack)).toBe(hostKey(secret, other));
  });

  it("fit into what DRBD holds, without a character that its configuration would read", () => {
    expect(keys.drbdSharedSecret("r0")).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe("SSH key pairs", () => {
  it("are RFC 8032's for its seeds", () => {
    // RFC 8032, 7.1, test 1.
    const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
    const { publicKey } = sshKeyPair(seed, "");
    expect(
      Buffer.from(publicKey.split(" ")[1] ?? "", "base64")
        .subarray(-32)
        .toString("hex"),
    ).toBe("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  });

  it("are in OpenSSH's form", () => {
    const { privateKey } = sshKeyPair(Buffer.alloc(32, 1), "mirror-a");
    const lines = privateKey.split("\n");
    expect([lines[0], lines.at(-2), lines.at(-1)]).toEqual([
      "-----BEGIN OPENSSH PRIVATE KEY-----",
      "-----END OPENSSH PRIVATE KEY-----",
      "",
    ]);
    const content = Buffer.from(lines.slice(1, -2).join(""), "base64");
    expect(content.subarray(0, 15).toString("latin1")).toBe("openssh-key-v1\0");
    expect(lines.slice(1, -2).every((line) => line.length <= 70)).toBe(true);
    // Name, then padding 1, 2, 3, … to whole blocks of 8 bytes.
    expect(content.subarray(-13).toString("hex")).toBe(
      Buffer.from("mirror-a\u0001\u0002\u0003\u0004\u0005").toString("hex"),
    );
  });
});
