import type { Notify } from "../../config/monitoring/notify.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Keys } from "../../plan/secrets.ts";
import { mirrorSeed } from "../../render/machines/cloudInit.ts";
import { renderMirrorSettings } from "../../render/machines/mirrorSettings.ts";
import { renderMonitoring } from "../../render/monitoring/monitoringDocument.ts";
import { renderNotify } from "../../render/monitoring/notifyDocument.ts";
import { scriptsOf } from "../fingerprint.ts";
import { need } from "../need.ts";
import type { Scope } from "../scope.ts";
import { hostKeyChange } from "./HostKey.ts";
import type { KvmHost } from "./KvmHost.ts";
import { MirrorVm } from "./MirrorVm.ts";

/**
 * The mirrors, with what they show to a site's monitoring and whom they tell of trouble.
 * @param notify holds secrets, like the keys: it is no part of the plan
 */
export function declareMirrors(
  plan: Plan,
  keys: Keys,
  notify: Notify | undefined,
  hosts: ReadonlyMap<string, KvmHost>,
  scope: Scope,
): ReadonlyMap<string, MirrorVm> {
  const mirrors = declareMachines(plan, keys, hosts, scope);
  declareMonitoring(plan, mirrors);
  declareNotify(renderNotify(plan.stack, notify), mirrors);
  return mirrors;
}

function declareMachines(
  plan: Plan,
  keys: Keys,
  hosts: ReadonlyMap<string, KvmHost>,
  { parent, named }: Scope,
): ReadonlyMap<string, MirrorVm> {
  const tools = scriptsOf("guest");
  return new Map(
    plan.mirrors.map((mirror) => [
      mirror.name,
      new MirrorVm(
        named(mirror.name),
        {
          host: need(hosts, mirror.host),
          mirror,
          seed: mirrorSeed(plan, mirror, keys),
          protectData: plan.protectData,
          bootDeadline: plan.bootDeadline,
          hostKeyChange: hostKeyChange(keys, mirror.name, plan.bootDeadline),
          tools,
          settings: renderMirrorSettings(plan, mirror),
        },
        { parent },
      ),
    ]),
  );
}

/** What the mirrors show to a site's monitoring, where it is asked for. */
function declareMonitoring(plan: Plan, mirrors: ReadonlyMap<string, MirrorVm>): void {
  for (const mirror of mirrors.values()) {
    const document = renderMonitoring(plan, mirror.plan);
    if (document === undefined) continue;
    const run = { script: "monitoring-configure.sh", stdin: document, remove: { script: "monitoring-remove.sh" } };
    mirror.run(`${mirror.pulumiName}-monitoring`, run, { after: [mirror.ready] });
  }
}

/** Has the mirrors tell people of trouble by themselves, where it is asked for. */
function declareNotify(document: string | undefined, mirrors: ReadonlyMap<string, MirrorVm>): void {
  if (document === undefined) return;
  const run = { script: "notify-configure.sh", secretStdin: document, remove: { script: "notify-remove.sh" } };
  for (const mirror of mirrors.values()) mirror.run(`${mirror.pulumiName}-notify`, run, { after: [mirror.ready] });
}
