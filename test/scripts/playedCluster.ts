import { hostname } from "node:os";
import { afterAll, beforeAll } from "vitest";
import { Machine } from "./machine.ts";

/** What crm_mon says of the peer, the mirror `the-peer`. */
export const peer = {
  member: 'online="true" standby="false" pending="false" unclean="false"',
  missed: 'online="false" standby="false" pending="false" unclean="true"',
  fenced: 'online="false" standby="false" pending="false" unclean="false"',
} as const;

/** DRBD's own constraint: of volume r0 this mirror alone may be promoted. */
const constraint =
  `<rsc_location rsc="drbd-r0-clone" id="drbd-fence-by-handler-r0-drbd-r0-clone"><rule role="Master" ` +
  `score="-INFINITY" id="drbd-fence-by-handler-r0-rule-drbd-r0-clone"><expression attribute="#uname" ` +
  `operation="ne" value="${hostname()}" id="drbd-fence-by-handler-r0-expr-drbd-r0-clone"/></rule></rsc_location>`;

/** A cluster takes one change of its configuration at a time; tools that read and write a file do not. */
const oneByOne = "flock /run/cluster/cib.lock env CIB_file=/run/cluster/cib.xml";

const played = {
  crm_mon: `cd /run/cluster && ! [[ -e silent ]] || exit 1
    if ! [[ -e stuck ]] && [[ $(<quorum) == true && $(<peer) == *'unclean="false"'* ]] &&
      ! grep -q Consistent $PROC_DRBD; then
      case $(<role) in Stopped) echo Starting ;; *) echo Started ;; esac >role.new && mv role.new role
    fi
    printf '<pacemaker-result>\\n <summary><current_dc present="true" with_quorum="%s"/></summary>\\n' "$(<quorum)"
    printf ' <nodes>\\n <node name="%s" id="1" online="true" standby="false" ' "$(uname -n)"
    printf 'pending="false" unclean="false" />\\n <node name="the-peer" id="2" %s />\\n </nodes>\\n' "$(<peer)"
    resource=' <resource id="%s" resource_agent="%s" role="%s" active="%s" blocked="false" failed="false">\\n'
    printf ' <resources>\\n'"$resource" fence-the-peer stonith:fence_virsh "$(cat fencing 2>/dev/null || echo Started)" true
    printf '  <node name="%s" id="1" cached="true"/>\\n </resource>\\n' "$(uname -n)"
    active=true; [[ $(<role) != Stopped ]] || active=false
    printf "$resource" exports-main ocf:kvm-mirror:exports "$(<role)" "$active"
    [[ $(<role) == Stopped ]] || printf '  <node name="%s" id="1" cached="true"/>\\n' "$(<at)"
    printf ' </resource>\\n </resources>\\n <fence_history status="0">%s</fence_history>\\n</pacemaker-result>\\n' \
      "$(cat fenced 2>/dev/null)"`,
  crm_attribute: `cd /run/cluster; case "$*" in
      *maintenance-mode*) ! [[ -e silent ]] || exit 1; exec ${oneByOne} crm_attribute.real "$@" ;;
      *"--name standby --update on"*) echo "crm_attribute $*" >>calls
        sed -i 's/standby="false"/standby="true"/' peer; uname -n >at; echo Stopped >role ;;
      *"--name standby --delete"*) echo "crm_attribute $*" >>calls; sed -i 's/standby="true"/standby="false"/' peer ;;
    esac`,
  cibadmin: `! [[ -e /run/cluster/silent ]] || exit 1
    if [[ "$*" != *constraints* ]]; then
      [[ $1 == --query ]] || echo "cibadmin $1" >>/run/cluster/calls
      exec ${oneByOne} cibadmin.real "$@"
    fi
    case $1 in
      --query) cat /run/cluster/constraints 2>/dev/null || true ;;
      --create) echo "cibadmin --create" >>/run/cluster/calls; echo "\${!#}" >>/run/cluster/constraints ;;
    esac`,
  crm_resource: `echo "crm_resource $*" >>/run/cluster/calls`,
  "corosync-cmapctl": `echo "corosync-cmapctl $*" >>/run/cluster/calls; echo true >/run/cluster/quorum`,
  stonith_admin: `echo "stonith_admin $*" >>/run/cluster/calls; cd /run/cluster; echo '${peer.fenced}' >peer
    if [[ $(<quorum) == true ]] && ! grep -q ' 0: cs' $PROC_DRBD; then
      drbdadm state r0 WFConnection Secondary Unknown Consistent DUnknown; fi`,
};

export interface PlayedCluster {
  readonly machine: Machine;
  /** The backing device of volume r0. */
  readonly disk: string;
  /** A cluster whose exports run nowhere. */
  readonly cluster: (quorum: boolean, peer: string) => void;
  /** What the cluster remembers of attempts at the peer. */
  readonly attempts: (events: readonly (readonly [status: string, ended: string])[]) => void;
  /** What was changed, in order. */
  readonly calls: () => readonly string[];
  /** The third vote says this of itself, while `body` runs. */
  readonly withThirdVote: (state: "Connected" | "Connect failed", body: () => void) => void;
}

/**
 * Pacemaker and corosync, played, for the tests of a file. crm_mon shows what is in
 * /run/cluster: quorum; peer (its `online="…" unclean="…"`); role (of the exports)
 * and at (the mirror where they run); fenced (attempts at fencing). Corosync's waiting ends when it is told to. With
 * quorum, once the peer's death is known, volumes come up alone, and so
 * Consistent; when the disks are UpToDate, the exports are starting at the first look and
 * started at the next one, unless /run/cluster/stuck is there. A mirror in
 * standby has its exports taken away at once. Cluster properties are in a real CIB, /run/cluster/cib.xml, which
 * Pacemaker's own tools read and change. DRBD's handler, played, allows what the constraint allows.
 */
export function playedCluster(): PlayedCluster {
  let machine: Machine;
  let disk: string;
  beforeAll(async () => {
    machine = await Machine.start();
    machine.ok("cd /usr/sbin && for tool in cibadmin crm_attribute crm_mon; do mv $tool $tool.real; done");
    for (const [name, script] of Object.entries(played)) machine.play(name, script);
    disk = machine.volume("r0", 0);
    // As crm-fence-peer.sh: 4 for the constraint that it would have set itself, 5 for a Consistent disk without.
    machine.ok(
      "cat >/usr/sbin/handler && chmod 755 /usr/sbin/handler && sed -i '1a handlers " +
        `{ fence-peer "/usr/sbin/handler"; }' /etc/drbd.d/r0.res`,
      `#!/bin/bash\ngrep -qxF '${constraint}' /run/cluster/constraints && exit 4; exit 5\n`,
    );
    machine.ok("mkdir -p /etc/kvm-mirror && echo CLUSTER=kvm-mirror-unit >/etc/kvm-mirror/cluster; drbdadm forget r0");
  });
  afterAll(() => machine?.stop());
  const wants = "/etc/systemd/system/multi-user.target.wants";
  return {
    get machine() {
      return machine;
    },
    get disk() {
      return disk;
    },
    cluster: (quorum, of) =>
      void machine.ok(
        `rm -rf /run/cluster; mkdir -p /run/cluster; cd /run/cluster; echo ${quorum} >quorum; echo ` +
          `'${of}' >peer; echo Stopped >role; uname -n >at; cibadmin.real --empty >cib.xml`,
      ),
    attempts: (events) =>
      void machine.ok(
        "cat >/run/cluster/fenced",
        events
          .map(([status, ended]) => `<fence_event target="the-peer" status="${status}" completed="${ended}"/>`)
          .join(""),
      ),
    calls: () => machine.ok("cat /run/cluster/calls 2>/dev/null || true").split("\n").filter(Boolean),
    withThirdVote(state, body) {
      machine.ok(
        `mkdir -p ${wants} && ln -sfn /lib/systemd/system/corosync-qdevice.service ${wants}/; cat ` +
          ">/usr/sbin/corosync-qdevice-tool; chmod 755 /usr/sbin/corosync-qdevice-tool",
        `#!/bin/bash\nprintf 'Qdevice information\\nState:                  ${state}\\n'\n`,
      );
      try {
        body();
      } finally {
        machine.ok(`rm ${wants}/corosync-qdevice.service`);
      }
    },
  };
}
