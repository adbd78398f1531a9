import { expect, it } from "vitest";
import { parseConfig } from "../../../src/check/parse.ts";
import { renderNotify } from "../../../src/render/monitoring/notifyDocument.ts";
import { changed } from "../config/sample.ts";

const documentOf = (notify: unknown) =>
  renderNotify("unit", parseConfig(changed({ "monitoring.notify": notify })).monitoring.notify);
const mail = { server: "mail.example.net", from: "storage@example.net", to: ["on-call@example.net"] };

it("says whom a mirror tells, with the secrets that it needs for that", () => {
  const login = { tls: "tls", port: 465, user: "mirrors", password: 'hunter2 "hunter2"' };
  expect(
    documentOf({ webhook: "https://chat.example.net/hooks/x?y=1", mail: { ...mail, ...login } }),
  ).toMatchInlineSnapshot(`
    "{
      "stack": "unit",
      "webhook": "https://chat.example.net/hooks/x?y=1",
      "mail": {
        "server": "mail.example.net",
        "port": 465,
        "tls": "tls",
        "from": "storage@example.net",
        "to": [
          "on-call@example.net"
        ],
        "user": "mirrors",
        "password": "hunter2 \\"hunter2\\""
      }
    }
    "
  `);
});

it("says one way where there is one", () => {
  expect(documentOf({ mail })).toMatchInlineSnapshot(`
    "{
      "stack": "unit",
      "mail": {
        "server": "mail.example.net",
        "port": 25,
        "tls": "starttls",
        "from": "storage@example.net",
        "to": [
          "on-call@example.net"
        ]
      }
    }
    "
  `);
});

it("is not there where nobody is to be told", () => {
  expect(documentOf(undefined)).toBeUndefined();
});
