import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { AutomaticPlan } from "../../src/plan/placement/failover.ts";
import { renderCib } from "../../src/render/placement/cib.ts";
import { planOf } from "../unit/render/sample.ts";

// What Pacemaker makes of our configuration, by its own scheduler (crm_simulate): every action is taken to succeed.

const repository = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "kvm-mirror-scheduler-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => join(folder, name);
const changes = { "hosts.kvm-a.fenceAddress": "10.30.0.2", failover: { mode: "automatic" } };

/** The cluster's configuration with ours in it, both mirrors known. */
function configured(current: string, ours = planOf(changes).failover): void {
  writeFileSync(file("current.xml"), current);
  writeFileSync(file("ours.xml"), renderCib(ours as AutomaticPlan));
  writeFileSync(
    file("cib.xml"),
    execFileSync("python3", [
      `${repository}/scripts/guest/placement/lib/merge_cib.py`,
      file("current.xml"),
      file("ours.xml"),
    ]),
  );
}

const empty = () =>
  execFileSync("cibadmin", ["--empty"], { encoding: "utf8" }).replace(
    "<nodes/>",
    '<nodes><node id="1" uname="mirror-a"/><node id="2" uname="mirror-b"/></nodes>',
  );

/**
 * Lets the cluster do all that it wants to after `options`; says what it fenced,
 * promoted, demoted, started and stopped of ours, in order.
 */
function go(...options: string[]): string[] {
  const { stdout, stderr, status } = spawnSync(
    "crm_simulate",
    ["--xml-file", file("cib.xml"), "--quorum=true", "--simulate", "--save-output", file("next.xml"), ...options],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`crm_simulate: ${stderr}`);
  writeFileSync(file("cib.xml"), readFileSync(file("next.xml")));
  const executed = stdout.slice(
    stdout.indexOf("Executing Cluster Transition"),
    stdout.indexOf("Revised Cluster Status"),
  );
  return [...executed.matchAll(/^ {2}\* (Fencing \S+|Resource action: (\S+) +(promote|demote|start|stop) on (\S+))/gm)]
    .map(([, whole, resource, action, node]) =>
      resource === undefined ? (whole ?? "") : `${resource.replace(/:\d$/, "")} ${action} ${node}`,
    )
    .filter((line) => !line.startsWith("fence-"));
}

/**
 * What DRBD's agent says of the copies on a mirror: 10000 UpToDate with its
 * peer, 1000 UpToDate alone, none Outdated or Inconsistent.
 */
function scores(ofMirror: Readonly<Record<string, number>>): void {
  const set = Object.entries(ofMirror).flatMap(([node, score]) =>
    ["r0", "r1"].map((volume) => ({ node: node === "mirror-a" ? "1" : "2", volume, score })),
  );
  const text = readFileSync(file("cib.xml"), "utf8").replace(/<transient_attributes.*?<\/transient_attributes>/gs, "");
  writeFileSync(
    file("cib.xml"),
    text.replace(/(<node_state id="(\d)"[^>]*>)/g, (state, head: string, id: string) => {
      const pairs = set
        .filter(({ node }) => node === id)
        .map(
          ({ volume, score }) => `<nvpair id="status-${id}-${volume}" name="master-drbd-${volume}" value="${score}"/>`,
        );
      return pairs.length === 0
        ? state
        : `${head}<transient_attributes id="${id}"><instance_attributes ` +
            `id="status-${id}">${pairs.join("")}</instance_attributes></transient_attributes>`;
    }),
  );
}

const both = { "mirror-a": 10000, "mirror-b": 10000 };

/** Both mirrors up, all on the preferred one. */
function running(): void {
  configured(empty());
  go("--node-up", "mirror-a", "--node-up", "mirror-b");
  scores(both);
  go();
}

beforeEach(running);

describe("the cluster", () => {
  test("starts a group on its preferred mirror: its VIP at once, its exports after the volumes", () => {
    configured(empty());
    expect(go("--node-up", "mirror-a", "--node-up", "mirror-b")).toEqual([
      "drbd-r0 start mirror-a",
      "drbd-r0 start mirror-b",
      "drbd-r1 start mirror-a",
      "drbd-r1 start mirror-b",
    ]);
    scores(both);
    expect(go()).toEqual([
      "vip-main start mirror-a",
      "drbd-r0 promote mirror-a",
      "drbd-r1 promote mirror-a",
      "exports-main start mirror-a",
    ]);
    expect(go()).toEqual([]);
  });

  test(
    "fences a primary that is lost before its VIP comes up elsewhere and " +
      "anything is promoted, and moves nothing back when it returns",
    () => {
      expect(go("--node-fail", "mirror-a")).toEqual([
        "Fencing mirror-a",
        "vip-main start mirror-b",
        "drbd-r0 promote mirror-b",
        "drbd-r1 promote mirror-b",
        "exports-main start mirror-b",
      ]);
      scores({ "mirror-b": 1000 });
      expect(go("--node-up", "mirror-a")).toEqual(["drbd-r0 start mirror-a", "drbd-r1 start mirror-a"]);
      scores(both);
      expect(go()).toEqual([]);
    },
  );

  test("turns a primary off whose disk hangs, and tries no stop first: that would wait for the disk", () => {
    expect(go("--op-inject", "exports-main_monitor_11000@mirror-a=1")).toEqual([
      "Fencing mirror-a",
      "vip-main start mirror-b",
      "drbd-r0 promote mirror-b",
      "drbd-r1 promote mirror-b",
      "exports-main start mirror-b",
    ]);
  });

  test("of an older version gets that look at disks, and restarts nothing for it", () => {
    const text = readFileSync(file("cib.xml"), "utf8");
    const without = text.replace(/<op id="exports-main-disks"[^]*?<\/op>/, "");
    expect(without).not.toBe(text);
    configured(without.replace(/<lrm_rsc_op [^>]*operation_key="exports-main_monitor_11000"[^>]*\/>/, ""));
    expect(go()).toEqual([]);
    expect(readFileSync(file("cib.xml"), "utf8")).toContain("exports-main_monitor_11000");
  });

  test("leaves the exports where they are when the standby mirror is lost", () => {
    expect(go("--node-fail", "mirror-b")).toEqual(["Fencing mirror-b"]);
  });

  test("does not promote a mirror whose copy is old", () => {
    scores({ "mirror-a": 10000 });
    expect(go("--node-fail", "mirror-a")).toEqual(["Fencing mirror-a"]);
  });

  test("does not promote where DRBD has fenced the copy, and leaves that mark when the configuration changes", () => {
    const mark =
      `<rsc_location rsc="drbd-r0-clone" id="drbd-fence-by-handler-r0-drbd-r0-clone"><rule role="Master" ` +
      `score="-INFINITY" id="drbd-fence-by-handler-r0-rule-drbd-r0-clone"><expression attribute="#uname" ` +
      `operation="ne" value="mirror-a" id="drbd-fence-by-handler-r0-expr-drbd-r0-clone"/></rule></rsc_location>`;
    configured(
      readFileSync(file("cib.xml"), "utf8").replace("<constraints>", `<constraints>${mark}`),
      planOf({ ...changes, "groups.main.preferredMirror": "mirror-b" }).failover,
    );
    expect(readFileSync(file("cib.xml"), "utf8")).toContain("drbd-fence-by-handler-r0-rule-drbd-r0-clone");
    expect(readFileSync(file("cib.xml"), "utf8")).toMatch(/kvm-mirror-main-prefers"[^>]* node="mirror-b"/);
    expect(go()).toEqual([]);
    expect(go("--node-fail", "mirror-a")).toEqual(["Fencing mirror-a"]);
  });

  test("starts nothing on a mirror that boots alone", () => {
    configured(empty());
    const { stdout } = spawnSync(
      "crm_simulate",
      ["--xml-file", file("cib.xml"), "--quorum=false", "--node-up", "mirror-b", "--simulate"],
      { encoding: "utf8" },
    );
    expect(stdout).not.toMatch(/Fencing|(start|promote) on/);
  });

  test("starts no exports where the VIP does not come up, and tries again", () => {
    expect(go("--node-fail", "mirror-a", "--op-fail", "vip-main_start_0@mirror-b=1")).not.toContain(
      "exports-main start mirror-b",
    );
    expect(go()).toContain("exports-main start mirror-b");
  });

  test("drains a mirror in standby", () => {
    writeFileSync(
      file("cib.xml"),
      readFileSync(file("cib.xml"), "utf8").replace(
        /(<node id="1" uname="mirror-a")\s*\/>/,
        '$1><instance_attributes id="nodes-1"><nvpair id="nodes-1-standby" ' +
          'name="standby" value="on"/></instance_attributes></node>',
      ),
    );
    const drained = go();
    // The two volumes go at the same time.
    expect(drained.map((line) => line.replace(/^drbd-r[01]/, "drbd"))).toEqual([
      "exports-main stop mirror-a",
      "vip-main stop mirror-a",
      "drbd demote mirror-a",
      "drbd demote mirror-a",
      "vip-main start mirror-b",
      "drbd stop mirror-a",
      "drbd stop mirror-a",
      "drbd promote mirror-b",
      "drbd promote mirror-b",
      "exports-main start mirror-b",
    ]);
  });
});

/** What the scripts find in what Pacemaker's own crm_mon shows of this cluster. @param find of the lines on stdin */
describe("cluster_state shows", () => {
  const shown = (find: string): string => {
    const guest = `${repository}/scripts/guest`;
    const { status, stdout, stderr } = spawnSync(
      "bash",
      [
        "-euo",
        "pipefail",
        "-c",
        `. ${guest}/lib/base.sh; cd ${guest}/placement/lib; . ./cluster.sh; . ./cluster-state.sh; ${find}`,
      ],
      // Without stdin: bash would take a socket there for a remote shell, and read bashrc.
      { encoding: "utf8", env: { ...process.env, CIB_file: file("cib.xml") }, stdio: ["ignore", "pipe", "pipe"] },
    );
    return status === 0 ? stdout.trim().replaceAll("\n", " ") : `status ${status}: ${stderr}`;
  };
  const all =
    "s=$(cluster_state); for f in online_nodes groups_of_cluster unplaced_exports fenced_by_cluster our_resources " +
    '"node_of exports-main" "node_of fence-mirror-a" "resources_on mirror-a" "lines_with node standby=true"; do ' +
    'echo "$f:" $($f <<<"$s"); done | tr "\\n" ";"';
  const ours = "our_resources: drbd-r0 drbd-r1 exports-main vip-main";

  test("members, what runs where, and what may be fenced", () => {
    expect(shown(all).split(";")).toEqual([
      "online_nodes: mirror-a mirror-b",
      "groups_of_cluster: main",
      "unplaced_exports:",
      "fenced_by_cluster: mirror-a mirror-b",
      ours,
      "node_of exports-main: mirror-a",
      "node_of fence-mirror-a: mirror-b",
      "resources_on mirror-a: drbd-r0 drbd-r1 exports-main vip-main",
      "lines_with node standby=true:",
      "",
    ]);
  });

  test("a mirror that is gone, and what it does not run", () => {
    go("--node-down", "mirror-a", "--node-down", "mirror-b");
    expect(shown(all).split(";")).toEqual([
      "online_nodes:",
      "groups_of_cluster: main",
      "unplaced_exports: main",
      "fenced_by_cluster: mirror-a mirror-b",
      ours,
      "node_of exports-main:",
      "node_of fence-mirror-a:",
      "resources_on mirror-a:",
      "lines_with node standby=true:",
      "",
    ]);
  });

  test("nothing of a cluster without a configuration; fails where Pacemaker's answer is missing or no XML", () => {
    writeFileSync(file("cib.xml"), empty().replace(/<nodes>.*<\/nodes>/s, "<nodes/>"));
    expect(shown(all)).toContain("our_resources:;");
    const of = (words: string) =>
      shown(`crm_mon() { cat <<<'${words}'; }; timeout() { shift; "$@"; }; cluster_state || exit 1`);
    expect(of("")).toBe("status 1: ");
    expect(of('<pacemaker-result><status code="102" message="Not connected"/></pacemaker-result>')).toBe("status 1: ");
    expect(of("<pacemaker-result><nodes>")).toContain("status 1: cluster_state.py: crm_mon's output is no XML");
    expect(of("<crm_mon/>")).toBe("status 1: cluster_state.py: crm_mon's XML has no summary or no nodes\n");
  });
});
