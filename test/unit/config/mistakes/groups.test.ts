import { refused } from "./refused.ts";

refused("groups", {
  "no group": [
    { groups: {} },
    "kvm-mirror:groups: names no group; volumes are exported by groups, which have the VIP: add one",
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
