import { word } from "../quoting.ts";

/** Read before the files of the image and of cloud-init: of each keyword, sshd takes the first value that it finds. */
export const sshdPath = "/etc/ssh/sshd_config.d/00-kvm-mirror.conf";

/**
 * How a mirror lets people log in (sshd_config(5)): by key, as the one user that there is for it, whom the peer uses,
 * too. Commands and sessions are all that anybody needs: nothing is forwarded through a mirror, from a network to one
 * that is not routed.
 */
export function renderSshd(user: string): string {
  return [
    "# Written by `pulumi up`.",
    `AllowUsers ${word(user, "user")}`,
    "PermitRootLogin no",
    "AuthenticationMethods publickey",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "DisableForwarding yes",
    "PermitTunnel no",
    "",
  ].join("\n");
}
