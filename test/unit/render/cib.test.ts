import { describe, expect, it } from "vitest";
import { renderCib } from "../../../src/render/placement/cib.ts";
import { automaticPlanOf } from "./sample.ts";

const { failover: cluster } = automaticPlanOf({ fenceTimeout: 90, monitorInterval: 20 });

describe("the cluster's configuration", () => {
  it("holds fencing, volumes, exports and who runs where", () => {
    expect(renderCib(cluster)).toMatchInlineSnapshot(`
      "<configuration>
        <crm_config>
          <cluster_property_set id="kvm-mirror-options">
            <nvpair id="kvm-mirror-options-stonith-enabled" name="stonith-enabled" value="true"/>
            <nvpair id="kvm-mirror-options-stonith-action" name="stonith-action" value="reboot"/>
            <nvpair id="kvm-mirror-options-stonith-timeout" name="stonith-timeout" value="90s"/>
            <nvpair id="kvm-mirror-options-no-quorum-policy" name="no-quorum-policy" value="stop"/>
            <nvpair id="kvm-mirror-options-load-threshold" name="load-threshold" value="1000%"/>
          </cluster_property_set>
        </crm_config>
        <resources>
          <primitive id="fence-mirror-a" class="stonith" type="fence_virsh">
            <instance_attributes id="fence-mirror-a-parameters">
              <nvpair id="fence-mirror-a-parameters-ip" name="ip" value="10.30.0.2"/>
              <nvpair id="fence-mirror-a-parameters-ipport" name="ipport" value="22"/>
              <nvpair id="fence-mirror-a-parameters-username" name="username" value="root"/>
              <nvpair id="fence-mirror-a-parameters-identity_file" name="identity_file" value="/etc/kvm-mirror/fence/mirror-a.key"/>
              <nvpair id="fence-mirror-a-parameters-ssh_options" name="ssh_options" value="-T -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/etc/kvm-mirror/fence/known_hosts -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias=kvm-a -o ConnectTimeout=10"/>
              <nvpair id="fence-mirror-a-parameters-pcmk_host_list" name="pcmk_host_list" value="mirror-a"/>
              <nvpair id="fence-mirror-a-parameters-pcmk_host_check" name="pcmk_host_check" value="static-list"/>
              <nvpair id="fence-mirror-a-parameters-pcmk_host_map" name="pcmk_host_map" value="mirror-a:mirror-a"/>
              <nvpair id="fence-mirror-a-parameters-login_timeout" name="login_timeout" value="15"/>
              <nvpair id="fence-mirror-a-parameters-shell_timeout" name="shell_timeout" value="20"/>
              <nvpair id="fence-mirror-a-parameters-power_timeout" name="power_timeout" value="25"/>
              <nvpair id="fence-mirror-a-parameters-pcmk_reboot_timeout" name="pcmk_reboot_timeout" value="90s"/>
              <nvpair id="fence-mirror-a-parameters-pcmk_off_timeout" name="pcmk_off_timeout" value="90s"/>
              <nvpair id="fence-mirror-a-parameters-pcmk_monitor_timeout" name="pcmk_monitor_timeout" value="90s"/>
              <nvpair id="fence-mirror-a-parameters-pcmk_status_timeout" name="pcmk_status_timeout" value="90s"/>
            </instance_attributes>
            <meta_attributes id="fence-mirror-a-meta">
              <nvpair id="fence-mirror-a-meta-failure-timeout" name="failure-timeout" value="60s"/>
            </meta_attributes>
            <operations>
              <op id="fence-mirror-a-start" name="start" interval="0s" timeout="90s"/>
              <op id="fence-mirror-a-monitor" name="monitor" interval="120s" timeout="90s"/>
            </operations>
          </primitive>
          <primitive id="fence-mirror-b" class="stonith" type="fence_virsh">
            <instance_attributes id="fence-mirror-b-parameters">
              <nvpair id="fence-mirror-b-parameters-ip" name="ip" value="10.30.0.3"/>
              <nvpair id="fence-mirror-b-parameters-ipport" name="ipport" value="2222"/>
              <nvpair id="fence-mirror-b-parameters-username" name="username" value="root"/>
              <nvpair id="fence-mirror-b-parameters-identity_file" name="identity_file" value="/etc/kvm-mirror/fence/mirror-b.key"/>
              <nvpair id="fence-mirror-b-parameters-ssh_options" name="ssh_options" value="-T -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/etc/kvm-mirror/fence/known_hosts -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias=kvm-b -o ConnectTimeout=10"/>
              <nvpair id="fence-mirror-b-parameters-pcmk_host_list" name="pcmk_host_list" value="mirror-b"/>
              <nvpair id="fence-mirror-b-parameters-pcmk_host_check" name="pcmk_host_check" value="static-list"/>
              <nvpair id="fence-mirror-b-parameters-pcmk_host_map" name="pcmk_host_map" value="mirror-b:mirror-b"/>
              <nvpair id="fence-mirror-b-parameters-login_timeout" name="login_timeout" value="15"/>
              <nvpair id="fence-mirror-b-parameters-shell_timeout" name="shell_timeout" value="15"/>
              <nvpair id="fence-mirror-b-parameters-power_timeout" name="power_timeout" value="25"/>
              <nvpair id="fence-mirror-b-parameters-pcmk_reboot_timeout" name="pcmk_reboot_timeout" value="90s"/>
              <nvpair id="fence-mirror-b-parameters-pcmk_off_timeout" name="pcmk_off_timeout" value="90s"/>
              <nvpair id="fence-mirror-b-parameters-pcmk_monitor_timeout" name="pcmk_monitor_timeout" value="90s"/>
              <nvpair id="fence-mirror-b-parameters-pcmk_status_timeout" name="pcmk_status_timeout" value="90s"/>
            </instance_attributes>
            <meta_attributes id="fence-mirror-b-meta">
              <nvpair id="fence-mirror-b-meta-failure-timeout" name="failure-timeout" value="60s"/>
            </meta_attributes>
            <operations>
              <op id="fence-mirror-b-start" name="start" interval="0s" timeout="90s"/>
              <op id="fence-mirror-b-monitor" name="monitor" interval="120s" timeout="90s"/>
            </operations>
          </primitive>
          <clone id="drbd-r0-clone">
            <meta_attributes id="drbd-r0-clone-meta">
              <nvpair id="drbd-r0-clone-meta-promotable" name="promotable" value="true"/>
              <nvpair id="drbd-r0-clone-meta-promoted-max" name="promoted-max" value="1"/>
              <nvpair id="drbd-r0-clone-meta-promoted-node-max" name="promoted-node-max" value="1"/>
              <nvpair id="drbd-r0-clone-meta-clone-max" name="clone-max" value="2"/>
              <nvpair id="drbd-r0-clone-meta-clone-node-max" name="clone-node-max" value="1"/>
              <nvpair id="drbd-r0-clone-meta-notify" name="notify" value="true"/>
              <nvpair id="drbd-r0-clone-meta-interleave" name="interleave" value="true"/>
              <nvpair id="drbd-r0-clone-meta-failure-timeout" name="failure-timeout" value="60s"/>
            </meta_attributes>
            <primitive id="drbd-r0" class="ocf" provider="linbit" type="drbd">
              <instance_attributes id="drbd-r0-parameters">
                <nvpair id="drbd-r0-parameters-drbd_resource" name="drbd_resource" value="r0"/>
                <nvpair id="drbd-r0-parameters-unfence_if_all_uptodate" name="unfence_if_all_uptodate" value="true"/>
              </instance_attributes>
              <operations>
                <op id="drbd-r0-start" name="start" interval="0s" timeout="60s"/>
                <op id="drbd-r0-promote" name="promote" interval="0s" timeout="60s"/>
                <op id="drbd-r0-demote" name="demote" interval="0s" timeout="60s"/>
                <op id="drbd-r0-stop" name="stop" interval="0s" timeout="60s"/>
                <op id="drbd-r0-notify" name="notify" interval="0s" timeout="60s"/>
                <op id="drbd-r0-monitor-promoted" name="monitor" interval="20s" timeout="60s" role="Promoted"/>
                <op id="drbd-r0-monitor-unpromoted" name="monitor" interval="21s" timeout="60s" role="Unpromoted"/>
              </operations>
            </primitive>
          </clone>
          <clone id="drbd-r1-clone">
            <meta_attributes id="drbd-r1-clone-meta">
              <nvpair id="drbd-r1-clone-meta-promotable" name="promotable" value="true"/>
              <nvpair id="drbd-r1-clone-meta-promoted-max" name="promoted-max" value="1"/>
              <nvpair id="drbd-r1-clone-meta-promoted-node-max" name="promoted-node-max" value="1"/>
              <nvpair id="drbd-r1-clone-meta-clone-max" name="clone-max" value="2"/>
              <nvpair id="drbd-r1-clone-meta-clone-node-max" name="clone-node-max" value="1"/>
              <nvpair id="drbd-r1-clone-meta-notify" name="notify" value="true"/>
              <nvpair id="drbd-r1-clone-meta-interleave" name="interleave" value="true"/>
              <nvpair id="drbd-r1-clone-meta-failure-timeout" name="failure-timeout" value="60s"/>
            </meta_attributes>
            <primitive id="drbd-r1" class="ocf" provider="linbit" type="drbd">
              <instance_attributes id="drbd-r1-parameters">
                <nvpair id="drbd-r1-parameters-drbd_resource" name="drbd_resource" value="r1"/>
                <nvpair id="drbd-r1-parameters-unfence_if_all_uptodate" name="unfence_if_all_uptodate" value="true"/>
              </instance_attributes>
              <operations>
                <op id="drbd-r1-start" name="start" interval="0s" timeout="60s"/>
                <op id="drbd-r1-promote" name="promote" interval="0s" timeout="60s"/>
                <op id="drbd-r1-demote" name="demote" interval="0s" timeout="60s"/>
                <op id="drbd-r1-stop" name="stop" interval="0s" timeout="60s"/>
                <op id="drbd-r1-notify" name="notify" interval="0s" timeout="60s"/>
                <op id="drbd-r1-monitor-promoted" name="monitor" interval="20s" timeout="60s" role="Promoted"/>
                <op id="drbd-r1-monitor-unpromoted" name="monitor" interval="21s" timeout="60s" role="Unpromoted"/>
              </operations>
            </primitive>
          </clone>
          <primitive id="vip-main" class="ocf" provider="kvm-mirror" type="vip">
            <instance_attributes id="vip-main-parameters">
              <nvpair id="vip-main-parameters-group" name="group" value="main"/>
            </instance_attributes>
            <meta_attributes id="vip-main-meta">
              <nvpair id="vip-main-meta-migration-threshold" name="migration-threshold" value="3"/>
              <nvpair id="vip-main-meta-failure-timeout" name="failure-timeout" value="600s"/>
            </meta_attributes>
            <operations>
              <op id="vip-main-start" name="start" interval="0s" timeout="60s"/>
              <op id="vip-main-stop" name="stop" interval="0s" timeout="60s"/>
              <op id="vip-main-monitor" name="monitor" interval="20s" timeout="60s"/>
            </operations>
          </primitive>
          <primitive id="exports-main" class="ocf" provider="kvm-mirror" type="exports">
            <instance_attributes id="exports-main-parameters">
              <nvpair id="exports-main-parameters-group" name="group" value="main"/>
            </instance_attributes>
            <meta_attributes id="exports-main-meta">
              <nvpair id="exports-main-meta-migration-threshold" name="migration-threshold" value="3"/>
              <nvpair id="exports-main-meta-failure-timeout" name="failure-timeout" value="600s"/>
            </meta_attributes>
            <operations>
              <op id="exports-main-start" name="start" interval="0s" timeout="60s"/>
              <op id="exports-main-stop" name="stop" interval="0s" timeout="60s"/>
              <op id="exports-main-monitor" name="monitor" interval="20s" timeout="60s"/>
              <op id="exports-main-disks" name="monitor" interval="21s" timeout="60s" on-fail="fence">
                <instance_attributes id="exports-main-disks-parameters">
                  <nvpair id="exports-main-disks-parameters-OCF_CHECK_LEVEL" name="OCF_CHECK_LEVEL" value="10"/>
                  <nvpair id="exports-main-disks-parameters-disk_timeout" name="disk_timeout" value="30"/>
                </instance_attributes>
              </op>
            </operations>
          </primitive>
        </resources>
        <constraints>
          <rsc_location id="kvm-mirror-fence-mirror-a-elsewhere" rsc="fence-mirror-a" node="mirror-a" score="-INFINITY"/>
          <rsc_location id="kvm-mirror-fence-mirror-b-elsewhere" rsc="fence-mirror-b" node="mirror-b" score="-INFINITY"/>
          <rsc_location id="kvm-mirror-main-prefers" rsc="exports-main" node="mirror-a" score="50"/>
          <rsc_colocation id="kvm-mirror-main-vip-with-r0" rsc="vip-main" with-rsc="drbd-r0-clone" with-rsc-role="Promoted" score="INFINITY"/>
          <rsc_order id="kvm-mirror-main-exports-after-r0" first="drbd-r0-clone" first-action="promote" then="exports-main" then-action="start" kind="Mandatory"/>
          <rsc_colocation id="kvm-mirror-main-r1-with-r0" rsc="drbd-r1-clone" rsc-role="Promoted" with-rsc="drbd-r0-clone" with-rsc-role="Promoted" score="INFINITY"/>
          <rsc_colocation id="kvm-mirror-main-vip-with-r1" rsc="vip-main" with-rsc="drbd-r1-clone" with-rsc-role="Promoted" score="INFINITY"/>
          <rsc_order id="kvm-mirror-main-exports-after-r1" first="drbd-r1-clone" first-action="promote" then="exports-main" then-action="start" kind="Mandatory"/>
          <rsc_colocation id="kvm-mirror-main-exports-with-vip" rsc="exports-main" with-rsc="vip-main" score="INFINITY"/>
          <rsc_order id="kvm-mirror-main-exports-after-vip" first="vip-main" first-action="start" then="exports-main" then-action="start" kind="Mandatory"/>
        </constraints>
        <rsc_defaults>
          <meta_attributes id="kvm-mirror-defaults">
            <nvpair id="kvm-mirror-defaults-resource-stickiness" name="resource-stickiness" value="200"/>
          </meta_attributes>
        </rsc_defaults>
      </configuration>
      "
    `);
  });

  it("names every id once", () => {
    const ids = [...renderCib(cluster).matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
