import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageTable } from "../../../src/storage/maildir/message-table.ts";

function row(uid: number, baseName = `${uid}.name`) {
  return {
    uid,
    marks: uid % 7,
    modSeq: 2 ** 40 + uid,
    crlfOctets: uid * 10,
    internalDate: uid * 1000,
    subfolder: uid % 2 === 1 ? ("new" as const) : ("cur" as const),
    baseName,
  };
}

function tableOf(...uids: number[]): MessageTable {
  const table = new MessageTable();
  for (const uid of uids) table.append(row(uid));
  return table;
}

test("MessageTable gives back what was put in, and finds it by UID and by name", () => {
  const uids = Array.from({ length: 1000 }, (_, nth) => 3 * nth + 1);
  const table = tableOf(...uids);
  assert.equal(table.count, 1000);
  for (const [position, uid] of uids.entries()) {
    assert.deepEqual(table.rowAt(position), row(uid));
    assert.equal(table.positionOf(uid), position);
    assert.equal(table.positionOf(uid + 1), -1);
  }
  assert.equal(table.positionOfName("1.name"), 0);
  assert.equal(table.positionOfName("2998.name"), 999);
  assert.equal(table.positionsByName().get("4.name"), 1);
});

test("MessageTable does not take part of a name for a name", () => {
  const table = new MessageTable();
  table.append(row(1, "11.name"));
  table.append(row(2, "1.name"));
  table.append(row(3, "ü.name"));
  assert.equal(table.positionOfName("1.name"), 1);
  assert.equal(table.positionOfName("ü.name"), 2);
  assert.equal(table.positionOfName("name"), -1);
  assert.equal(table.positionOfName("1.nam"), -1);
  assert.equal(table.positionOfName(""), -1);
});

for (const count of [3, 300]) {
  test(`MessageTable finds ${count} names, and those that it does not have nowhere`, () => {
    const table = tableOf(...Array.from({ length: 1000 }, (_, nth) => nth + 1));
    const uids = Array.from({ length: count }, (_, nth) => 2 * nth + 800);
    const here = uids.filter((uid) => uid <= 1000);
    assert.deepEqual(
      table.positionsOfNames(uids.map((uid) => `${uid}.name`)),
      new Map(here.map((uid) => [`${uid}.name`, uid - 1])),
    );
  });
}

for (const positions of [[], [0], [4], [0, 1, 2, 3, 4], [1, 3], [0, 2, 4], [2, 3]]) {
  test(`MessageTable without positions ${positions} has the others as they were`, () => {
    const table = tableOf(1, 3, 4, 7, 9);
    table.remove(positions);
    const left = [1, 3, 4, 7, 9].filter((_, position) => !positions.includes(position));
    assert.deepEqual(
      left.map((_, position) => table.rowAt(position)),
      left.map((uid) => row(uid)),
    );
    table.append(row(20));
    assert.deepEqual(table.rowAt(left.length), row(20));
    for (const uid of left) assert.equal(table.uidAt(table.positionOfName(`${uid}.name`)), uid);
  });
}

test("MessageTable made of another's columns is its equal", () => {
  const table = new MessageTable(tableOf(1, 2, 3).columns);
  table.append(row(9));
  assert.deepEqual(
    [0, 1, 2, 3].map((position) => table.rowAt(position)),
    [1, 2, 3, 9].map((uid) => row(uid)),
  );
});

test("MessageTable counts marks and changes them", () => {
  const table = tableOf(1, 2, 3);
  table.update(0, { marks: 0b101 });
  table.update(1, { marks: 0b001, subfolder: "new" });
  assert.equal(table.countMarked(0b001, 0), 3);
  assert.equal(table.countMarked(0b001, 0b100), 2);
  const every = { first: 1, last: 2 ** 32 - 1 };
  assert.deepEqual(table.uidsMarked({ all: 0b001, none: 0b100 }, every), [2, 3]);
  assert.deepEqual(table.uidsMarked({ all: 0, none: 0 }, every), [1, 2, 3]);
  assert.deepEqual(table.uidsMarked({ all: 0, none: 0 }, { first: 2, last: 2 }), [2]);
  assert.deepEqual(table.uidsMarked({ all: 0, none: 0 }, { first: 3, last: 2 }), []);
  assert.deepEqual(table.uidsMarked({ all: 0, none: 0 }, { first: Number.POSITIVE_INFINITY, last: 0 }), []);
  assert.equal(table.usedMarks(), 0b111);
  assert.deepEqual(table.uidsInNew(), [1, 2, 3]);
});
