import { refused } from "./refused.ts";

refused("images and keys", {
  "an image without a checksum": [
    { image: { source: "/srv/images/mirror.qcow2" } },
    `kvm-mirror:image.checksum: is missing: \`sha256:<hex>\`, or ` +
      `\`sha256sums:<URL or path>\` of a SHA256SUMS file that lists the image`,
  ],
  "an image checksum of no kind": [
    { image: { source: "/srv/images/mirror.qcow2", checksum: "d41d8cd98f00b204e9800998ecf8427e" } },
    'kvm-mirror:image.checksum = "d41d8cd98f00b204e9800998ecf8427e": names no algorithm; write sha256:<64 ' +
      "hexadecimal digits>, or sha256sums:<https URL or absolute path of a SHA256SUMS file that lists the image>",
  ],
  "an image by plain http": [
    { image: { source: "http://example.net/mirror.qcow2", checksum: `sha256:${"0".repeat(64)}` } },
    'kvm-mirror:image.source = "http://example.net/mirror.qcow2": is no source ' +
      "of an image; write an https URL, or an absolute path",
  ],
  "an image format that libvirt would have to guess": [
    { image: { source: "/srv/images/mirror.vmdk", checksum: `sha256:${"0".repeat(64)}`, format: "vmdk" } },
    'kvm-mirror:image.format = "vmdk": is not offered; use qcow2 or raw',
  ],
  "no SSH key": [
    { "ssh.authorizedKeys": [] },
    `kvm-mirror:ssh.authorizedKeys: has no key; nobody, and no step of \`pulumi ` +
      `up\`, could log in to the mirrors: add your public SSH key`,
  ],
  "an SSH key that was cut": [
    { "ssh.authorizedKeys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA operator@example.net"] },
    "kvm-mirror:ssh.authorizedKeys[0]: is " +
      "damaged: its base64 is not a key of type ssh-ed25519; copy the whole line again",
  ],
  "an SSH key without its type": [
    { "ssh.authorizedKeys": ["AAAAC3NzaC1lZDI1NTE5AAAAIBnbjsF3"] },
    "kvm-mirror:ssh.authorizedKeys[0]: is not a public SSH " +
      "key; write one line as in an id_ed25519.pub: type, base64, comment",
  ],
  "an SSH key of a type that OpenSSH dropped": [
    {
      "ssh.authorizedKeys": [
        "ssh-dss AAAAB3NzaC1kc3MAAACBAP1/U4EddRIpUt9KnC7s5Of2EbdSPO9EAMMeP4C2USZpRV1AIlH7WT2NWPq operator@example.net",
      ],
    },
    "kvm-mirror:ssh.authorizedKeys[0]: is a " +
      "key of a type that is not taken; OpenSSH takes ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, " +
      "ecdsa-sha2-nistp521, ssh-rsa and security keys",
  ],
  "root as the user": [
    { "ssh.user": "root" },
    'kvm-mirror:ssh.user = "root": is a user or group of the system; choose a user of its own, who gets ' +
      "passwordless sudo",
  ],
  "operators from nowhere": [
    { "ssh.from": [] },
    "kvm-mirror:ssh.from: admits nobody, not `pulumi up` either; leave it out for the management network",
  ],
  "operators from a name": [
    { "ssh.from": ["office.example.net"] },
    'kvm-mirror:ssh.from[0] = "office.example.net": is neither a network nor an address; write an IPv4 network or ' +
      "address, for example 10.40.0.0/16 or 10.40.0.7",
  ],
  "operators from an address with a prefix": [
    { "ssh.from": ["10.40.0.0/16", "10.40.0.7/24"] },
    'kvm-mirror:ssh.from[1] = "10.40.0.7/24": has bits behind its prefix; the network is 10.40.0.0/24',
  ],
  "operators by IPv6": [
    { "ssh.from": ["2001:db8::/32"] },
    'kvm-mirror:ssh.from[0] = "2001:db8::/32": is no IPv4 network; IPv6 is not used here: write an IPv4 network or ' +
      "address, for example 10.40.0.0/16 or 10.40.0.7",
  ],
  "a firewall that is half on": [
    { firewall: "on" },
    'kvm-mirror:firewall = "on": is a text; write true, without quotes',
  ],
  "a proxy without a scheme": [
    { packages: { aptProxy: "10.30.0.1:3142" } },
    'kvm-mirror:packages.aptProxy = "10.30.0.1:3142": is no proxy; write http://host:port',
  ],
});
