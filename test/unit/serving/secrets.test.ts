import { expect, test } from "vitest";
import { masker } from "../../../plugins/serving/masking.ts";
import { unwrapSecrets, wrapSecrets } from "../../../plugins/serving/secrets.ts";
import { SECRET_SIGNATURE, SIGNATURE_KEY, UNKNOWN } from "../../../plugins/serving/wire.ts";
import type { Plain } from "../../../plugins/serving/wire.ts";

const secret = (value: Plain) => ({ [SIGNATURE_KEY]: SECRET_SIGNATURE, value });

test("secrets are taken out with their places and texts", () => {
  expect(
    unwrapSecrets({
      name: "n",
      key: secret("k1"),
      parts: [{ text: secret("t1") }, { text: "plain" }],
      env: secret({ A: "a1", B: 2, C: UNKNOWN }),
    }),
  ).toEqual({
    values: { name: "n", key: "k1", parts: [{ text: "t1" }, { text: "plain" }], env: { A: "a1", B: 2, C: UNKNOWN } },
    secretPaths: [["key"], ["parts", "*", "text"], ["env"]],
    secretTexts: ["k1", "t1", "a1"],
  });
});

test("what was taken out is put back, for every element of an array", () => {
  const values = { key: "k1", parts: [{ text: "t1" }, { text: "t2" }], name: "n" };
  expect(wrapSecrets(values, [["key"], ["parts", "*", "text"]])).toEqual({
    key: secret("k1"),
    parts: [{ text: secret("t1") }, { text: secret("t2") }],
    name: "n",
  });
});

test("where the shape has changed, the nearest thing that is there becomes secret", () => {
  expect(wrapSecrets({ parts: "rendered" }, [["parts", "*", "text"]])).toEqual({ parts: secret("rendered") });
  expect(wrapSecrets({ env: ["A=a1"] }, [["env", "A"]])).toEqual({ env: secret(["A=a1"]) });
  expect(wrapSecrets({ name: "n" }, [["env", "A"]])).toEqual({ name: "n" });
});

test("nothing is wrapped twice", () => {
  expect(wrapSecrets({ env: { A: "a1" } }, [["env"], ["env", "A"], ["env"]])).toEqual({ env: secret({ A: "a1" }) });
});

test("messages lose secret values and the longer lines of them", () => {
  const mask = masker(["s3cret", "-----BEGIN-----\nabcdefghij\nshort\n", ""]);
  expect(mask("login with s3cret failed: abcdefghij is no key, short is")).toBe(
    "login with [secret] failed: [secret] is no key, short is",
  );
  expect(mask("nothing here")).toBe("nothing here");
});

test("a secret that holds another is masked whole", () => {
  expect(masker(["abc", "abcdef"])("x abcdef abc")).toBe("x [secret] [secret]");
});
