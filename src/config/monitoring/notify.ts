import { z } from "zod";
import { isAddress } from "../address.ts";
import { isLegible } from "../brief.ts";
import { encrypted } from "../encrypted.ts";
import { wholeNumber } from "../scalars.ts";
import { Mistake, written } from "../written.ts";

const urlForm = "write https://host/path, as the chat's page for incoming webhooks shows it";
const serverForm = "write the mail server's name, or its IPv4 address";
const mailForm = "write a mail address, for example storage@example.net";

/** @throws Mistake, which never repeats the text: who has it can write into the chat */
function checkWebhook(text: string): string {
  const [, host] = /^https?:\/\/([A-Za-z0-9][A-Za-z0-9.-]*)(?::[0-9]{1,5})?(?:[/?][\x21-\x7e]*)?$/.exec(text) ?? [];
  if (host === undefined || text.includes("#") || !URL.canParse(text))
    throw new Mistake(`is no URL of a webhook; ${urlForm}`);
  checkHost(host, urlForm);
  return text;
}

/** The host that a webhook's URL names. */
export const webhookHost = (url: string): string => new URL(url).hostname;

function checkHost(host: string, form: string): string {
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host) || host.length > 253)
    throw new Mistake(`is no host; ${form}`);
  if (/^[0-9.]+$/.test(host) && !isAddress(host)) throw new Mistake(`is not an IPv4 address; ${form}`);
  return host;
}

function checkMailAddress(text: string): string {
  if (!/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text) || text.length > 254)
    throw new Mistake(`is no mail address; ${mailForm}`);
  return text;
}

function checkLogin(text: string): string {
  if (text === "" || text.length > 250 || !isLegible(text))
    throw new Mistake("is empty, too long, or has a character that nobody sees; write it as the mail server knows it");
  return text;
}

const mailSchema = z.strictObject({
  server: written((text) => checkHost(text, serverForm), serverForm).describe(
    "name or IPv4 address of the mail server that takes the messages, as the mirrors reach it",
  ),
  port: wholeNumber("TCP ports")
    .min(1, { error: "is no TCP port; use 1 to 65535" })
    .max(65_535, { error: "is no TCP port; use 1 to 65535" })
    .default(25)
    .describe("its TCP port; 465 is usual for `tls`, 587 for a login"),
  tls: z
    .enum(["starttls", "tls", "none"])
    .default("starttls")
    .describe(
      "`starttls`: the connection is encrypted before anything is said; `tls`: it is from its first byte; both " +
        "refuse a certificate that the mirror does not trust; `none`: it is not, and there is no login",
    ),
  from: written(checkMailAddress, mailForm).describe("sender of the messages"),
  to: z
    .array(written(checkMailAddress, mailForm))
    .min(1, { error: "names nobody; write a list of mail addresses" })
    .max(20, { error: "names more than 20; use the address of a list" })
    .describe("who gets them, 1 to 20 mail addresses"),
  user: written(checkLogin, "write a text").optional().describe("login at the mail server. Default: none"),
  password: written(checkLogin, "write a text")
    .optional()
    .meta({
      description:
        "of `user`: `pulumi config set --secret --path kvm-mirror:monitoring.notify.mail.password`, then type it",
      ...encrypted,
    }),
});

export const notifySchema = z.strictObject({
  webhook: written(checkWebhook, urlForm)
    .optional()
    .meta({
      description:
        "URL, http or https, that messages are sent to (POST of JSON with the key `text`, as Slack and Mattermost " +
        "take it). It is a secret: `pulumi config set --secret --path kvm-mirror:monitoring.notify.webhook`, then " +
        "paste it. This or `mail`, or both",
      ...encrypted,
    }),
  mail: mailSchema.optional(),
});

/** Whom the mirrors tell of trouble by themselves. */
export type Notify = z.output<typeof notifySchema>;
