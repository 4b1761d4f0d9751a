import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseMessageName,
  sizeSuffix,
  sizesIn,
  uniqueName,
  withSizes,
} from "../../../src/storage/maildir/message-name.ts";

const OURS = "1795255200.M123000P7Q1R0a0b.mail.example.test,S=1200,W=1230";

const NAMES: { who: string; fileName: string; baseName: string; letters: string }[] = [
  { who: "ours in new", fileName: OURS, baseName: OURS, letters: "" },
  { who: "ours in cur", fileName: `${OURS}:2,FSab`, baseName: OURS, letters: "FSab" },
  { who: "mutt", fileName: "1204680122.R8.host:2,S", baseName: "1204680122.R8.host", letters: "S" },
  { who: "mbsync", fileName: "1.2_3.host,U=17:2,RS", baseName: "1.2_3.host,U=17", letters: "RS" },
  { who: "cp", fileName: "a letter.eml", baseName: "a letter.eml", letters: "" },
  { who: "the experimental kind of info", fileName: "1.host:1,x", baseName: "1.host", letters: "" },
  { who: "info without a version", fileName: "1.host:", baseName: "1.host", letters: "" },
];

for (const { who, fileName, baseName, letters } of NAMES) {
  test(`parseMessageName reads a name by ${who}`, () => {
    assert.deepEqual(parseMessageName(fileName), { baseName, letters });
  });
}

for (const fileName of ["", ".hidden", ":2,S", "a\nb", "a\0b", "a/b", "\ufffd.host"]) {
  test(`parseMessageName takes ${JSON.stringify(fileName)} for no message`, () => {
    assert.equal(parseMessageName(fileName), undefined);
  });
}

test("uniqueName has Maildir's parts, and a host name can put nothing else into it", () => {
  const parts = {
    at: new Date(1_795_255_200_123),
    processId: 7,
    count: 1,
    random: Uint8Array.of(10, 11),
    hostname: "a/b:c",
  };
  assert.equal(uniqueName(parts), "1795255200.M123000P7Q1R0a0b.a\\057b\\072c");
});

test("sizes are written, read and carried over", () => {
  const name = withSizes("1.a.host", { octets: 1200, crlfOctets: 1230 });
  assert.equal(name, "1.a.host,S=1200,W=1230");
  assert.deepEqual(sizesIn(name), { octets: 1200, crlfOctets: 1230 });
  assert.equal(sizeSuffix(name), ",S=1200,W=1230");
});

test("sizesIn finds sizes among what mbsync adds, and none where they are no numbers", () => {
  assert.deepEqual(sizesIn("1.a.host,S=5,U=9"), { octets: 5 });
  assert.deepEqual(sizesIn("1.a.host,S=-5,W="), {});
  assert.deepEqual(sizesIn("1.a.host,S=99999999999999999"), {});
});
