/**
 * A mirror becomes a member of its cluster, and the cluster gets its configuration. Corosync
 * and Pacemaker are played; the CIB is changed by Pacemaker's own tools.
 */
import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { renderCib } from "../../src/render/placement/cib.ts";
import { renderClusterDocument } from "../../src/render/placement/clusterDocument.ts";
import { automaticPlanOf } from "../unit/render/sample.ts";
import { Machine, type Outcome } from "./machine.ts";

const wants = "/etc/systemd/system/multi-user.target.wants";
let machine: Machine;

beforeAll(async () => {
  machine = await Machine.start();
  for (const name of ["corosync", "pacemakerd", "fence_virsh"]) machine.play(name, "exit 1");
  machine.play("corosync-cfgtool", 'echo "corosync-cfgtool $*" >>/run/units/commands');
  machine.play(
    "corosync-qdevice-tool",
    "[[ -e /run/units/corosync-qdevice.service.active ]] || { echo 'no socket' >&2; exit 1; }; " +
      "echo 'State:    Connected'",
  );
  machine.play("journalctl", 'echo "Can\'t set master wins. Error CS_ERR_NOT_EXIST"');
  machine.play(
    "crm_mon",
    `echo '<pacemaker-result><summary/><nodes>'
    for node in $(cat /run/members); do printf '<node name="%s" id="1" online="true" ` +
      `standby="false" pending="false" unclean="false" />\\n' $node; done; echo '</nodes></pacemaker-result>'`,
  );
});
afterAll(() => machine?.stop());

/** What a mirror is told about its cluster. */
function documentOf(failover: Readonly<Record<string, unknown>>): string {
  const { failover: plan } = automaticPlanOf(failover);
  const [fence] = plan.fences;
  if (!fence) throw new Error("no fencing in the plan");
  return renderClusterDocument(plan, fence, { corosyncKey: "KEY", fenceKey: "PRIVATE\n", hostKey: "ssh-ed25519 AAAA" });
}

describe("cluster-configure.sh", () => {
  const configure = (document: string): Outcome => machine.guest("cluster-configure.sh", [], document);
  const commands = (): readonly string[] =>
    machine
      .ok("cat /run/units/commands; rm -f /run/units/commands")
      .split("\n")
      .filter((line) => !/^$|^(--quiet )?is-|daemon-reload/.test(line));
  const known = "/var/lib/pacemaker/cib/cib.xml";
  const remember = (): void => void machine.ok(`mkdir -p ${known.replace(/\/[^/]*$/, "")} && touch ${known}`);
  const remembers = (): boolean => machine.sh(`test -e ${known}`).status === 0;

  beforeEach(() => {
    machine.ok(
      "rm -rf /etc/corosync /etc/kvm-mirror /var/lib/kvm-mirror /var/lib/pacemaker " +
        `/run/units /run/kvm-mirror ${wants}; mkdir -p /run/units ${wants} ` +
        `/usr/lib/ocf/resource.d; ln -s /lib/systemd/system/drbd.service ${wants}/`,
    );
  });

  it(
    "ends the cluster that Debian's packages began, takes DRBD out of " +
      "systemd's hands and starts ours, now and at boot",
    () => {
      remember();
      machine.ok("ln -sf /dev/null /etc/systemd/system/corosync.service");
      expect(configure(documentOf({}))).toMatchObject({
        status: 0,
        stderr: expect.stringMatching(/: a member of cluster kvm-mirror-unit\n$/),
      });
      expect(remembers()).toBe(false);
      expect(commands()).toEqual([
        "stop pacemaker.service corosync.service",
        "start corosync.service",
        "stop corosync-qdevice.service",
        "start pacemaker.service",
      ]);
      expect(machine.ok(`ls ${wants}; readlink /etc/systemd/system/corosync.service || true`).split("\n")).toEqual([
        "corosync.service",
        "pacemaker.service",
      ]);
      expect(machine.ok("cd /etc; stat -c '%n %a' corosync/* kvm-mirror/* kvm-mirror/fence/*").split("\n")).toEqual([
        "corosync/authkey 400",
        "corosync/corosync.conf 644",
        "kvm-mirror/cluster 644",
        "kvm-mirror/fence 700",
        "kvm-mirror/fence/known_hosts 644",
        "kvm-mirror/fence/mirror-a.key 600",
      ]);
    },
  );

  it("changes nothing when told the same again, and has a cluster at work take over what has changed", () => {
    expect(configure(documentOf({})).status).toBe(0);
    remember();
    commands();
    expect(configure(documentOf({}))).toEqual({
      status: 0,
      stdout: "",
      stderr: "cluster-configure.sh: a member of cluster kvm-mirror-unit\n",
    });
    expect(commands()).toEqual(["stop corosync-qdevice.service", "start pacemaker.service"]);
    expect(configure(documentOf({ token: 4000 })).stderr).toMatch(
      /^cluster-configure.sh: installed \/etc\/corosync\/corosync.conf\n/,
    );
    expect(commands()).toEqual(["corosync-cfgtool -R", "stop corosync-qdevice.service", "start pacemaker.service"]);
    expect(remembers()).toBe(true);
  });

  it("asks for a third vote and leaves it again", () => {
    const qdevice = { qdevice: { address: "10.30.0.4" } };
    expect(configure(documentOf(qdevice)).status).toBe(0);
    expect(commands()).toContain("start corosync-qdevice.service");
    expect(machine.ok(`ls ${wants}`)).toContain("corosync-qdevice.service");
    expect(configure(documentOf(qdevice)).status).toBe(0);
    expect(commands()).toEqual(["start pacemaker.service"]);
    expect(configure(documentOf({})).status).toBe(0);
    expect(commands()).toEqual(["corosync-cfgtool -R", "stop corosync-qdevice.service", "start pacemaker.service"]);
    expect(machine.ok(`ls ${wants}`)).not.toContain("qdevice");
  });

  // The other mirror loads the same configuration at that moment: corosync forgets a qdevice that is just registering.
  it("starts corosync-qdevice again where it does not start at first, and says why where it never does", () => {
    const qdevice = { qdevice: { address: "10.30.0.4" } };
    machine.ok("echo 2 >/run/units/corosync-qdevice.service.fails");
    expect(configure(documentOf(qdevice))).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/: a member of cluster kvm-mirror-unit\n$/),
    });
    expect(commands().filter((line) => line.startsWith("start corosync-qdevice"))).toEqual(
      Array.from({ length: 3 }, () => "start corosync-qdevice.service"),
    );
    machine.ok("rm /run/units/corosync-qdevice.service.active; echo 99 >/run/units/corosync-qdevice.service.fails");
    expect(configure(documentOf(qdevice))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/: corosync-qdevice did not start: Can't set master wins\. Error CS_ERR_NOT_EXIST/),
    });
    expect(commands()).not.toContain("start pacemaker.service");
  });

  it("does not change over to another cluster while a group is served", () => {
    expect(configure(documentOf({})).status).toBe(0);
    const before = machine.ok("cat /etc/corosync/corosync.conf");
    machine.ok("mkdir -p /run/kvm-mirror/active && touch /run/kvm-mirror/active/main");
    commands();
    const other = documentOf({ token: 4000 }).replaceAll("kvm-mirror-unit", "kvm-mirror-other");
    expect(configure(other)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "is in the cluster kvm-mirror-unit and serves main. It would become a member of kvm-mirror-other",
      ),
    });
    expect([machine.ok("cat /etc/corosync/corosync.conf"), commands()]).toEqual([before, []]);
  });

  it.each<[string, (document: string) => string, string]>([
    [
      "a file of something else",
      (document) => `${document}==> /etc/passwd 0644\nroot\n`,
      "/etc/passwd is no file of a cluster",
    ],
    [
      "a file above its place",
      (document) => `${document}==> /etc/kvm-mirror/fence/../../shadow 0600\nroot\n`,
      "is no file of a cluster",
    ],
    [
      "a mode that others could write by",
      (document) => document.replace(" 0400", " 0666"),
      "expected a path and a mode",
    ],
    [
      "a path given twice",
      (document) => `${document}==> /etc/kvm-mirror/cluster 0644\nCLUSTER=kvm-mirror-other\n`,
      "/etc/kvm-mirror/cluster is in the document twice",
    ],
    [
      "a document without the key",
      (document) => document.replace(/==> \S*authkey.*\n.*\n/, ""),
      "the document has no /etc/corosync/authkey",
    ],
    [
      "a document that names no cluster",
      (document) => document.replace("CLUSTER=", "NAME="),
      "the document does not name the cluster",
    ],
    ["no document", () => "", "the document on stdin is empty"],
  ])("refuses %s, with nothing installed", (_, spoil, words) => {
    expect(configure(spoil(documentOf({})))).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(machine.sh("ls /etc/corosync /etc/kvm-mirror").stdout).toBe("");
  });

  it("refuses a file that a group has on record, with nothing installed", () => {
    machine.ok(
      "mkdir -p /var/lib/kvm-mirror/groups; " +
        "echo /etc/kvm-mirror/fence/known_hosts >/var/lib/kvm-mirror/groups/main.files",
    );
    expect(configure(documentOf({}))).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("/etc/kvm-mirror/fence/known_hosts belongs to group main"),
    });
    expect(machine.sh("ls /etc/corosync /etc/kvm-mirror").stdout).toBe("");
  });
});

describe("cluster-apply.sh", () => {
  const script = resolve(import.meta.dirname, "../../scripts/guest/placement/cluster-apply.sh");
  const apply = (cib: string): Outcome => machine.sh(`CIB_file=/run/cib.xml bash ${script} 1`, cib);
  const cib = (): string => machine.ok("cat /run/cib.xml");
  const ours = renderCib(automaticPlanOf({}).failover);

  beforeEach(() => {
    machine.ok(
      "mkdir -p /etc/kvm-mirror && echo CLUSTER=kvm-mirror-unit " +
        ">/etc/kvm-mirror/cluster; echo mirror-a mirror-b >/run/members",
    );
    machine.ok(
      `cibadmin --empty | sed 's,<nodes/>,<nodes><node id="1" ` +
        `uname="mirror-a"/><node id="2" uname="mirror-b"/></nodes>,' >/run/cib.xml`,
    );
  });

  it("configures the cluster; again, changes nothing, and keeps what others have put there", () => {
    expect(apply(ours)).toEqual({
      status: 0,
      stdout: "",
      stderr: "cluster-apply.sh: the cluster's configuration is changed\n",
    });
    const constraint =
      '<rsc_location id="drbd-fence-by-handler-r0" rsc="drbd-r0-clone" node="mirror-b" score="-INFINITY"/>';
    machine.ok(`CIB_file=/run/cib.xml cibadmin --create --scope constraints --xml-text '${constraint}'`);
    const before = cib();
    expect(apply(ours)).toEqual({
      status: 0,
      stdout: "",
      stderr: "cluster-apply.sh: the cluster's configuration is up to date already\n",
    });
    expect(cib()).toBe(before);
    expect(apply(renderCib(automaticPlanOf({ monitorInterval: 47 }).failover)).stderr).toContain("is changed");
    expect(cib()).toContain('interval="47');
    expect(cib()).toContain("drbd-fence-by-handler-r0");
  });

  it("refuses what Pacemaker would not accept, with nothing changed", () => {
    const before = cib();
    expect(apply(ours.replace("<primitive ", '<primitive colour="red" '))).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("Pacemaker would not accept the configuration"),
    });
    expect(apply("<cib/>")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("stdin is no <configuration>"),
    });
    expect(cib()).toBe(before);
  });

  it("waits for both mirrors, and says which one is there", () => {
    machine.ok("echo mirror-a >/run/members");
    expect(apply(ours)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("not both mirrors are members of the cluster: mirror-a is there"),
    });
  });

  it("refuses on a mirror that is in no cluster", () => {
    machine.ok("rm /etc/kvm-mirror/cluster");
    expect(apply(ours)).toMatchObject({ status: 3, stderr: expect.stringContaining("this mirror is in no cluster") });
  });
});
