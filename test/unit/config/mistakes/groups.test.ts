import { bare } from "../sample.ts";
import { refused } from "./refused.ts";

refused("groups", {
  "no group": [
    { groups: {} },
    "kvm-mirror:groups: names no group; a group says which volumes move together, " +
      "and where they are preferred: add one",
  ],
  "a preferred mirror that there is not": [
    { "groups.main.preferredMirror": "kvm-a" },
    'kvm-mirror:groups.main.preferredMirror = "kvm-a": is no mirror; there are mirror-a and mirror-b',
  ],
  "the name that the preferred mirror had": [
    { "groups.main": { vip: "10.20.0.10", primary: "mirror-a" } },
    "kvm-mirror:groups.main.primary: is called preferredMirror now: rename it",
  ],
  "the name that it had, beside the one that it has": [
    { "groups.main.primary": "mirror-b" },
    "kvm-mirror:groups.main.primary: is called preferredMirror now: remove it",
  ],
  "exports without a VIP": [
    { "groups.main": { preferredMirror: "mirror-a" } },
    "kvm-mirror:groups.main.vip: is missing: volume r0 of this group has exports, and this is the address in the " +
      "storage network at which clients find them; write one, or leave the volume's exports out",
  ],
  "a VIP without exports": [
    { "volumes.r0.exports": undefined, "volumes.r1.exports": undefined, clients: {} },
    'kvm-mirror:groups.main.vip = "10.20.0.10": would be an address without a server: no volume of the group has ' +
      "exports (r0 and r1); write the exports of one, or leave the VIP out",
  ],
  "a group without a VIP under automatic failover": [
    {
      ...bare,
      "hosts.kvm-a.fenceAddress": "10.30.0.2",
      failover: { mode: "automatic" },
    },
    "kvm-mirror:groups.bare.vip: is missing: a group without a VIP needs failover.mode manual for now; export a " +
      "volume of it, or change the mode",
  ],
  "a client of a volume that is not exported": [
    { ...bare, "clients.db-1.disks": [{ volume: "r2", protocol: "iscsi", target: "sdc" }] },
    'kvm-mirror:clients.db-1.disks[0].volume = "r2": is not exported: write the exports of volume r2, ' +
      "`iscsi: { iqn: … }`",
  ],
  "one port for NBD and iSCSI": [
    { "groups.main.nbdPort": 3260 },
    "kvm-mirror:groups.main.iscsiPort = 3260: is the port of NBD already; one port has one server",
  ],
  "a privileged port": [
    { "groups.main.nbdPort": 80 },
    "kvm-mirror:groups.main.nbdPort = 80: is not a port for this; use 1024 to 65535",
  ],
  "a group without a volume": [
    {
      "groups.spare": { vip: "10.20.0.9", preferredMirror: "mirror-b" },
      "volumes.r0.group": "main",
      "volumes.r1.group": "main",
    },
    `kvm-mirror:groups.spare: has no volume; name it as the \`group\` of one, or remove it`,
  ],
});
