import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatUidListEntry,
  formatUidListHeader,
  parseUidList,
} from "../../../src/storage/maildir/uidlist-file.ts";

const HEADER = "3 V1795233504 N3 Gf8ccf012e016016b4a57000083ecc375\n";
const ID = "f8ccf012e016016b4a57000083ecc375";

function parse(text: string) {
  const list = parseUidList(new TextEncoder().encode(text));
  return list && { ...list, entries: Object.fromEntries(list.entries) };
}

function entry(uid: number, fields = "") {
  return { uid, fields };
}

test("parseUidList reads what Dovecot writes", () => {
  const text = `${HEADER}1 :1795233504.M323705P22346.vm,S=8,W=10\n2 W10 P7 :copied.eml:2,S\n`;
  const list = parse(text);
  assert.deepEqual([list?.uidValidity, list?.uidNext, list?.mailboxId], [1795233504, 3, ID]);
  assert.deepEqual(Object.keys(list?.entries ?? {}), ["1795233504.M323705P22346.vm,S=8,W=10", "copied.eml"]);
  assert.equal(list?.entries["copied.eml"]?.fields, "W10 P7");
});

test("parseUidList takes UIDNEXT from the last line when the header is behind", () => {
  assert.equal(parse(`${HEADER}9 :a\n`)?.uidNext, 10);
});

test("parseUidList has the later UID of a name that is there twice", () => {
  assert.equal(parse(`${HEADER}1 :a\n2 :a\n`)?.entries.a?.uid, 2);
});

for (const line of ["1 :cut sh", "x :a\n", "0 :a\n", "4294967296 :a\n", "5\n", "5 :\n", ":a\n", "\n"]) {
  test(`parseUidList passes over ${JSON.stringify(line)}`, () => {
    const list = parse(`${HEADER}${line}`);
    assert.deepEqual([list?.uidNext, list?.entries], [3, {}]);
  });
}

const NO_LISTS = ["", "3 V1795233504 N3", "1 1795233504 3\n", "3 N3 V0 G\n", "3 V1 Nx\n", "3 V1 N1 Gxyz\n"];
for (const text of NO_LISTS) {
  test(`parseUidList takes ${JSON.stringify(text)} for no list`, () => assert.equal(parse(text), undefined));
}

test("formatUidListHeader and formatUidListEntry are read back the same", () => {
  const list = { uidValidity: 7, uidNext: 12, mailboxId: ID };
  const text =
    formatUidListHeader(list) + formatUidListEntry(3, "a,S=1") + formatUidListEntry(11, "b", "W10");
  assert.equal(text, `3 V7 N12 G${ID}\n3 :a,S=1\n11 W10 :b\n`);
  assert.deepEqual(parse(text), {
    ...list,
    entries: Object.fromEntries([
      ["a,S=1", { ...entry(3), baseName: "a,S=1" }],
      ["b", { ...entry(11, "W10"), baseName: "b" }],
    ]),
  });
});
