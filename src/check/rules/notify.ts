import { isAddress } from "../../config/address.ts";
import { webhookHost } from "../../config/monitoring/notify.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { leftOut } from "../draft.ts";
import type { ConfigDraft } from "./rule.ts";

const key = (...steps: readonly string[]): string => keyPath("monitoring", "notify", ...steps);

/** Without a way there is nobody to tell. */
export function* someChannel({ monitoring: { notify } }: ConfigDraft): Generator<Problem> {
  if (notify && notify.webhook === undefined && notify.mail === undefined)
    yield { key: key(), text: "tells nobody; write `webhook`, `mail` or both, or leave `notify` out" };
}

/** A login is a user and a password, and goes over no connection that others can read. */
export function* passwordSafe({ monitoring: { notify } }: ConfigDraft): Generator<Problem> {
  const { user, password, tls } = notify?.mail ?? {};
  if (user !== undefined && password === undefined)
    yield {
      key: key("mail", "password"),
      text:
        `is missing: ${key("mail", "user")} has a login; ` +
        `pulumi config set --secret --path ${key("mail", "password")}, and type it; or leave the user out`,
    };
  if (user === undefined && password !== undefined)
    yield { key: key("mail", "user"), text: "is missing: there is a password; write whose, or leave that out" };
  if (password !== undefined && tls === "none")
    yield {
      key: key("mail", "tls"),
      value: tls,
      text: "would send the password for everybody on the way to read; use starttls or tls, or leave the login out",
    };
}

/** A name is of no use to mirrors that have nobody to ask for its address. */
export function* notifyNames({ monitoring: { notify }, networks }: ConfigDraft): Generator<Problem> {
  const { management } = networks;
  if (!notify || !management || !leftOut(management, "nat")) return;
  if (management.dns === undefined || management.dns.length > 0) return;
  const way = `mirrors ask no name server; write its IPv4 address, or give ${keyPath("networks", "management", "dns")}`;
  if (notify.webhook !== undefined && !isAddress(webhookHost(notify.webhook)))
    yield { key: key("webhook"), text: `names a host, and these ${way}` };
  if (notify.mail && !isAddress(notify.mail.server))
    yield { key: key("mail", "server"), value: notify.mail.server, text: `is a name, and these ${way}` };
}
