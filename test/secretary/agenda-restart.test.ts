import assert from "node:assert/strict";
import { test } from "node:test";
import { between, E, O, S } from "../calendar/case-mails.ts";
import { readFeed } from "../calendar/read-feed.ts";
import { NOON, SecretaryDesk, UNRELATED } from "../calendar/secretary-desk.ts";

/** An event, a series with an override, an override without its series, and somebody with that one's UID. */
async function fullDesk(keepDays?: number): Promise<SecretaryDesk> {
  const desk = new SecretaryDesk(keepDays === undefined ? {} : { keepDays });
  for (const mail of [UNRELATED, E(0, 0), O(["03-12", "11:00"], [0, 1])]) await desk.deliver(mail);
  const [orphan = ""] = /^UID:s1@example\.org-.*$/m.exec(textOf(desk)) ?? [];
  await desk.deliver(E(0, 0, { UID: orphan.slice("UID".length).trimEnd() }));
  return desk;
}

function textOf(desk: SecretaryDesk): string {
  return new TextDecoder().decode(desk.feed());
}

test("after a start, the feed that was published is taken as it is", async () => {
  const desk = await fullDesk();
  const served = desk.publish();
  const read = desk.restart(served);
  assert.deepEqual(desk.feed(), served.octets);
  assert.deepEqual([...new Set(read)], ["s1@example.org"], "the one that yielded its UID to another");
});

test("after a start, only what changes is written anew", async () => {
  const desk = await fullDesk();
  const twin = await fullDesk();
  desk.restart(desk.publish());
  for (const mail of [E(1, 1, between("03-10", "14:00", 60)), S(0, 2)]) {
    await desk.deliver(mail);
    await twin.deliver(mail);
    assert.deepEqual(desk.feed(), twin.feed());
  }
  readFeed(desk.feed());
});

test("another file than the one that was published is not taken", async () => {
  const desk = await fullDesk();
  const { octets, etag } = desk.publish();
  for (const served of [undefined, { octets, etag: "another" }, { octets: octets.subarray(1), etag }]) {
    const read = desk.restart(served);
    assert.deepEqual(desk.feed(), octets);
    assert.ok(new Set(read).size > 1);
  }
});

test("a feed that was published before the last change is not taken", async () => {
  const desk = await fullDesk();
  const served = desk.publish();
  await desk.deliver(E(1, 1, between("03-10", "14:00", 60)));
  const changed = desk.feed();
  assert.notDeepEqual(changed, served.octets);
  desk.restart(served);
  assert.deepEqual(desk.feed(), changed);
});

test("a start on another day leaves out what is over by then, and takes the rest", async () => {
  const desk = await fullDesk(30);
  const served = desk.publish();
  desk.clock = "2026-04-20T12:00:00Z";
  const read = desk.restart(served);
  const later = desk.feed();
  assert.ok(later.length < served.octets.length);
  assert.deepEqual([...new Set(read)], ["s1@example.org"]);
  desk.clock = NOON;
  assert.deepEqual(desk.feed(), served.octets);
});
