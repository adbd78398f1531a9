import { expect, it } from "vitest";
import { parseConfig } from "../../../../src/check/parse.ts";
import { changed, mistakes } from "../sample.ts";
import { refused } from "./refused.ts";

const webhook = "https://chat.example.net/hooks/Hush-Hush-Hush";
const mail = { server: "mail.example.net", from: "storage@example.net", to: ["on-call@example.net"] };
const notify = (block: unknown) => ({ "monitoring.notify": block });
const withMail = (changes: object) => notify({ mail: { ...mail, ...changes } });
const noUrl =
  "kvm-mirror:monitoring.notify.webhook: is no URL of a webhook; write https://host/path, as the chat's page for " +
  "incoming webhooks shows it";

refused("notify", {
  "nobody to tell": [
    notify({}),
    "kvm-mirror:monitoring.notify: tells nobody; write `webhook`, `mail` or both, or leave `notify` out",
  ],
  "a webhook of another protocol": [notify({ webhook: "ftp://chat.example.net/Hush-Hush-Hush" }), noUrl],
  "a webhook without a protocol": [notify({ webhook: "chat.example.net/Hush-Hush-Hush" }), noUrl],
  "a webhook with a login, whose password many would see": [
    notify({ webhook: "https://bot:Hush-Hush-Hush@chat.example.net/" }),
    noUrl,
  ],
  "a webhook of two lines": [notify({ webhook: "https://chat.example.net/\nHush-Hush-Hush" }), noUrl],
  "a webhook of a port that is none": [notify({ webhook: "https://chat.example.net:99999/Hush-Hush-Hush" }), noUrl],
  "a misspelt key": [
    notify({ webhok: webhook }),
    'kvm-mirror:monitoring.notify.webhok: is no key (did you mean "webhook"?)',
  ],
  "a mail server that is a URL": [
    withMail({ server: "smtp://mail.example.net" }),
    'kvm-mirror:monitoring.notify.mail.server = "smtp://mail.example.net": is no host; write the mail ' +
      "server's name, or its IPv4 address",
  ],
  "a port that is none": [
    withMail({ port: 70_000 }),
    "kvm-mirror:monitoring.notify.mail.port = 70000: is no TCP port; use 1 to 65535",
  ],
  "an encryption that is none": [
    withMail({ tls: "ssl" }),
    'kvm-mirror:monitoring.notify.mail.tls = "ssl": is not offered; use starttls, tls or none',
  ],
  "a sender that would write a header of its own": [
    withMail({ from: "a@example.net\nBcc: b@example.net" }),
    'kvm-mirror:monitoring.notify.mail.from = "a@example.net\\nBcc: b@example.net": is no mail address; write a mail ' +
      "address, for example storage@example.net",
  ],
  "nobody who gets the mail": [
    withMail({ to: [] }),
    "kvm-mirror:monitoring.notify.mail.to: names nobody; write a list of mail addresses",
  ],
  "a user without a password": [
    withMail({ user: "mirrors" }),
    "kvm-mirror:monitoring.notify.mail.password: is missing: kvm-mirror:monitoring.notify.mail.user has a login; " +
      "pulumi config set --secret --path kvm-mirror:monitoring.notify.mail.password, and type it; or leave the " +
      "user out",
  ],
  "a password without a user": [
    withMail({ password: "Hush-Hush-Hush" }),
    "kvm-mirror:monitoring.notify.mail.user: is missing: there is a password; write whose, or leave that out",
  ],
  "a password that everybody could read": [
    withMail({ user: "mirrors", password: "Hush-Hush-Hush", tls: "none" }),
    'kvm-mirror:monitoring.notify.mail.tls = "none": would send the password for everybody on the way to read; use ' +
      "starttls or tls, or leave the login out",
  ],
  "names where the mirrors ask no name server": [
    { ...notify({ webhook, mail }), "networks.management.dns": undefined },
    "kvm-mirror:monitoring.notify.webhook: names a host, and these mirrors ask no name server; write its IPv4 " +
      "address, or give kvm-mirror:networks.management.dns\n" +
      'kvm-mirror:monitoring.notify.mail.server = "mail.example.net": is a name, and these mirrors ask no name ' +
      "server; write its IPv4 address, or give kvm-mirror:networks.management.dns",
  ],
});

it("takes addresses where the mirrors ask no name server", () => {
  const addresses = notify({ webhook: "http://192.0.2.7:8065/hooks/x", mail: { ...mail, server: "192.0.2.25" } });
  expect(mistakes({ ...addresses, "networks.management.dns": undefined })).toBe("nothing");
});

it("fills in the port and the encryption of mail", () => {
  expect(parseConfig(changed(withMail({}))).monitoring.notify?.mail).toEqual({ ...mail, port: 25, tls: "starttls" });
});
