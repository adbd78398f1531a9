/** Offences against the policy pack's rules: copies of golden graphs that have one each, and what is said of it. */
import { rules } from "../../../policy/rules.ts";
import type { Resource, Stack } from "../../../policy/stack.ts";
import { renderDrbdResource } from "../../../src/render/replication/drbdResource.ts";
import { keys, planOf, volumeOf } from "../render/sample.ts";
import { changed, goldenStack, reworded } from "./goldenStack.ts";

export const [lab, automatic, production] = (["lab", "lab-automatic", "production"] as const).map(goldenStack) as [
  Stack,
  Stack,
  Stack,
];

/** What the rules say of a stack, by rule; the silent ones left out. */
export const judged = (stack: Stack): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    rules.map(({ name, offences }) => [name, offences(stack)] as const).filter(([, said]) => said.length > 0),
  );

export const unprotected = (resource: Resource): Resource => ({ ...resource, protect: false });
export const withConfig = (stack: Stack, config: Stack["config"]): Stack => ({ ...stack, config });
const withStdin = (stack: Stack, name: string, stdin: unknown): Stack =>
  changed(stack, name, (resource) => ({ ...resource, properties: { ...resource.properties, stdin } }));
/** A copy in which a volume gets this document for DRBD on mirror-a: the golden graphs mask it. */
export const withDrbd = (stack: Stack, document: unknown): Stack =>
  withStdin(
    stack,
    stack.name === "production" ? "orders-mirror-a-configuration" : "r1-mirror-a-configuration",
    document,
  );
/** As it is rendered. */
export const drbd = (plan = planOf()): string =>
  renderDrbdResource(volumeOf(plan, "r1"), plan.mirrors, keys.drbdSharedSecret("r1"), plan.failover);

const groupOf = (stack: Stack, from: string | RegExp, to: string): Stack =>
  reworded(stack, "main-configuration", from, to);
export const cases: readonly (readonly [rule: string, what: string, stack: () => Stack, said: readonly string[]])[] = [
  [
    "data-disks-protected",
    "a data disk without protection",
    () => changed(production, "mirror-b-orders", unprotected),
    ["mirror-b-orders, the disk orders of mirror-b, is not protected"],
  ],
  [
    "data-disks-protected",
    "marks without protection",
    () => changed(production, "mirror-a-marks", unprotected),
    ["mirror-a-marks, the disk kvm-mirror.marks of mirror-a, is not protected"],
  ],
  [
    "data-disks-protected",
    "a data disk that is none of the stack's",
    () => changed(production, "mirror-a-orders", () => undefined),
    ["mirror-a: its disk orders (production.mirror-a.orders.raw) is no volume of this stack"],
  ],
  [
    "data-disks-protected",
    "production whose stack file gives its data up",
    () => withConfig(changed(production, "mirror-b-orders", unprotected), { protectData: false }),
    ["mirror-b-orders, the disk orders of mirror-b, is not protected"],
  ],
  [
    "data-disks-protected",
    "another stack without a stack file",
    () => ({ ...changed(production, "mirror-b-orders", unprotected), name: "staging", config: undefined }),
    ["mirror-b-orders, the disk orders of mirror-b, is not protected"],
  ],
  [
    "data-disks-bypass-caches",
    "a data disk in the host's page cache",
    () =>
      reworded(
        production,
        "mirror-a",
        '"cache":"none","io":"native","type":"raw"',
        '"cache":"writeback","type":"raw"',
        "libvirt:index:Domain",
      ),
    ["mirror-a: its disk orders has cache writeback"],
  ],
  [
    "mirrors-on-different-hosts",
    "both mirrors on one host, by two names of the provider",
    () => ({
      ...production,
      resources: production.resources.map((resource) =>
        resource.host?.includes("kvm-b")
          ? { ...resource, host: "qemu+ssh://admin@KVM-A.example.net/system" }
          : resource,
      ),
    }),
    ["mirror-a and mirror-b are both on kvm-a.example.net"],
  ],
  [
    "mirrors-on-different-hosts",
    "one mirror",
    () => changed(production, "mirror-b", () => undefined, "libvirt:index:Domain"),
    ["there are 1 mirrors, not two"],
  ],
  [
    "replication-not-routed",
    "a route at the first boot",
    () => reworded(production, "mirror-a-seed", "10.10.0.11/24\\n", "10.10.0.11/24\\n    gateway4: 10.10.0.1\\n"),
    ["mirror-a-seed: replication0 has gateway4"],
  ],
  [
    "replication-not-routed",
    "a gateway in the settings",
    () => reworded(production, "mirror-b-settings", "10.10.0.12/24 9000 - -", "10.10.0.12/24 9000 10.10.0.1 -"),
    ["mirror-b-settings: replication0 has the gateway 10.10.0.1"],
  ],
  [
    "replication-not-routed",
    "a network that libvirt routes",
    () => reworded(production, "kvm-a-replication", '"mode":"bridge"', '"mode":"nat"'),
    ["kvm-a-replication: libvirt forwards it (mode nat)"],
  ],
  [
    "exports-write-through",
    "nbd-server that answers early",
    () => groupOf(production, "sync = true", "sync = false"),
    ["main-configuration: export orders in /etc/nbd-server/kvm-mirror-main.conf has sync = false"],
  ],
  [
    "exports-write-through",
    "nbd-server that is told nothing of flush",
    () => groupOf(production, "flush = true\\n", ""),
    ["main-configuration: export orders in /etc/nbd-server/kvm-mirror-main.conf has flush = (nothing)"],
  ],
  [
    "exports-write-through",
    "tgt with a write cache",
    () => groupOf(lab, "write-cache off", "write-cache on"),
    ["main-configuration: target iqn.2026-11.net.example:r1 in /etc/tgt/kvm-mirror/main.conf has its write cache on"],
  ],
  [
    "exports-admit-named-hosts",
    "a whole network",
    () => groupOf(production, "orders.allow 0644\\n10.20.0.2", "orders.allow 0644\\n10.20.0.0/24"),
    ["main-configuration: export orders admits 10.20.0.0/24, which is no single address"],
  ],
  [
    "exports-admit-named-hosts",
    "an NBD export without a list",
    () => groupOf(production, /authfile = [^\\]*\\n/, ""),
    ["main-configuration: export orders has no list of who may open it"],
  ],
  [
    "exports-admit-named-hosts",
    "an NBD export whose list is not there",
    () => groupOf(production, /==> [^ ]*orders\.allow .*?\\n10\.20\.0\.2\\n/, ""),
    ["main-configuration: export orders has no list of who may open it"],
  ],
  [
    "exports-admit-named-hosts",
    "an iSCSI target open to all",
    () => groupOf(lab, /initiator-address [0-9.]*/, "initiator-address ALL"),
    ["main-configuration: target iqn.2026-11.net.example:r1 admits ALL, which is no single address"],
  ],
  [
    "exports-admit-named-hosts",
    "an iSCSI target that does not say",
    () => groupOf(lab, /initiator-address [0-9.]*/, ""),
    ["main-configuration: target iqn.2026-11.net.example:r1 does not say who may open it"],
  ],
  [
    "fencing-when-automatic",
    "a cluster that does not fence",
    () => reworded(automatic, "cluster-resources", /(name=\\"stonith-enabled\\" value=\\")true/, "$1false"),
    ["cluster-resources: stonith-enabled is false, not true"],
  ],
  [
    "fencing-when-automatic",
    "a mirror that nothing turns off",
    () => reworded(automatic, "cluster-resources", /(name=\\"pcmk_host_list\\" value=\\")mirror-b/, "$1mirror-a"),
    ["cluster-resources: nothing there turns mirror-b off"],
  ],
  [
    "fencing-when-automatic",
    "a KVM host that lets nobody fence",
    () => changed(automatic, "fence-mirror-a", () => undefined),
    ["no KVM host lets mirror-a be turned off by the other mirror (fence-allow.sh)"],
  ],
  [
    "fencing-when-automatic",
    "a cluster without configuration",
    () => changed(automatic, "cluster-resources", () => undefined),
    ["failover is automatic, and the cluster gets no configuration"],
  ],
  [
    "drbd-fences",
    "DRBD that does not fence",
    () => withDrbd(production, drbd().replace("resource-and-stonith", "dont-care")),
    ["orders-mirror-a-configuration: DRBD is not told fencing resource-and-stonith;"],
  ],
  [
    "drbd-fences",
    "DRBD that acknowledges early",
    () => withDrbd(production, drbd().replace("protocol C", "protocol A")),
    ["orders-mirror-a-configuration: DRBD is not told protocol C;"],
  ],
  [
    "no-weak-secret",
    "a short secret of DRBD",
    () => withDrbd(production, drbd().replace(/shared-secret ".*"/, 'shared-secret "hunter2"')),
    ["orders-mirror-a-configuration: DRBD's shared-secret in stdin has 7 characters"],
  ],
  [
    "no-weak-secret",
    "a short password of a target",
    () => groupOf(lab, "initiator-address", "incominguser app-1 hunter2\\n    initiator-address"),
    ["main-configuration: the CHAP password of a target in stdin has 7 characters"],
  ],
  [
    "no-weak-secret",
    "a login with a password",
    () => reworded(production, "mirror-a-seed", '"metaData":"', '"metaData":"plain_text_passwd: hunter2\\n'),
    ["mirror-a-seed: a login's password in metaData has 7 characters"],
  ],
  [
    "no-weak-secret",
    "the stack's secret in plain text",
    () => withConfig(production, { ...production.config, secret: "hunter2-hunter2-hunter2" }),
    ["the stack file has kvm-mirror:secret in plain text: pulumi config set --secret kvm-mirror:secret"],
  ],
  [
    "no-weak-secret",
    "a webhook and a password in plain text",
    () =>
      withConfig(production, {
        ...production.config,
        monitoring: {
          notify: { webhook: "https://chat.example.net/hunter2", mail: { password: "hunter2-hunter2" } },
        },
      }),
    ["webhook", "mail.password"].map(
      (key) =>
        `the stack file has kvm-mirror:monitoring.notify.${key} in plain text: pulumi config set --secret --path ` +
        `kvm-mirror:monitoring.notify.${key}`,
    ),
  ],
  [
    "images-checked",
    "an image without a checksum",
    () => reworded(production, "kvm-a-production.image-6c401419.qcow2", /"checksum":"[^"]*",/, ""),
    ["kvm-a-production.image-6c401419.qcow2: checksum is not set"],
  ],
  [
    "images-checked",
    "checksums that come by plain http",
    () => reworded(production, "kvm-b-production.image-6c401419.qcow2", "sums:https:", "sums:http:"),
    [
      "kvm-b-production.image-6c401419.qcow2: checksum is " +
        "sha256sums:http://cloud-images.ubuntu.com/releases/jammy/release/SHA256SUMS",
    ],
  ],
];
