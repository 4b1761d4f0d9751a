import assert from "node:assert/strict";
import { test } from "node:test";
import { between, CE, E, O, S } from "./case-mails.ts";
import { readFeed } from "./read-feed.ts";
import { SecretaryDesk, UNRELATED, UNRELATED_UID } from "./secretary-desk.ts";

interface Counters {
  readonly sequence: number;
  readonly lastModified: string;
}

/** The counters in a feed by UID; `readFeed` has checked that all events of a UID have the same. */
function countersOf(feed: Uint8Array): Map<string, Counters> {
  readFeed(feed);
  const events = new TextDecoder().decode(feed).matchAll(/^BEGIN:VEVENT\r\n[\s\S]*?^END:VEVENT/gm);
  return new Map(
    [...events].map(([event]) => {
      const value = (name: string) => new RegExp(`^${name}:(.*)\r$`, "m").exec(event)?.[1] ?? "";
      assert.equal(value("DTSTAMP"), value("LAST-MODIFIED"));
      return [value("UID"), { sequence: Number(value("SEQUENCE")), lastModified: value("LAST-MODIFIED") }];
    }),
  );
}

async function deskWithUnrelated(): Promise<SecretaryDesk> {
  const desk = new SecretaryDesk();
  await desk.deliver(UNRELATED);
  return desk;
}

test("P04 stable: a day later and after a restart, the same octets", async () => {
  const desk = await deskWithUnrelated();
  await desk.deliver(S(0, 0));
  const before = desk.feed();
  desk.clock = "2026-03-03T13:00:00Z";
  assert.deepEqual(desk.feed(), before);
  assert.deepEqual(desk.rebuilt().feed(), before);
});

test("P10 counters: those of master and override rise together, others stay", async () => {
  const desk = await deskWithUnrelated();
  await desk.deliver(S(0, 0));
  const before = countersOf(desk.feed());
  await desk.deliver(O(["03-12", "11:00"], [0, 1]));
  const after = countersOf(desk.feed());
  const [old, fresh] = [before.get("s1@example.org"), after.get("s1@example.org")];
  assert.ok(old !== undefined && fresh !== undefined);
  assert.ok(fresh.sequence > old.sequence);
  assert.ok(fresh.lastModified > old.lastModified, "at least a second later, though the clock stood still");
  assert.deepEqual(after.get(UNRELATED_UID), before.get(UNRELATED_UID));
});

test("P11 rising over a restart, also when the database was lost", async () => {
  const desk = await deskWithUnrelated();
  await desk.deliver(E(0, 0));
  await desk.deliver(E(1, 1, between("03-10", "14:00", 60)));
  const before = countersOf(desk.feed()).get("e1@example.org");
  const restarted = desk.rebuilt();
  await restarted.deliver(E(1, 2, between("03-10", "15:00", 60)));
  const after = countersOf(restarted.feed()).get("e1@example.org");
  assert.ok(before !== undefined && after !== undefined && after.sequence > before.sequence);
});

test("P12 old event: out of the feed after WEBCAL_KEEP, still known to the store", async () => {
  const desk = new SecretaryDesk({ keepDays: 400 });
  await desk.deliver(UNRELATED);
  await desk.deliver(E(0, 0));
  // e1 is over on 10 March 2026; whole days count.
  desk.clock = "2027-04-14T23:59:59Z";
  assert.ok(readFeed(desk.feed()).agenda["e1@example.org"]);
  desk.clock = "2027-04-15T00:00:00Z";
  assert.equal(readFeed(desk.feed()).agenda["e1@example.org"], undefined);
  const [{ outcome } = {}] = await desk.deliver(CE(1, 1));
  assert.deepEqual(outcome, { outcome: "cancelled", reason: "series" });
});

test("P19 DTSTAMP is not the time of the request", async () => {
  const desk = await deskWithUnrelated();
  const before = countersOf(desk.feed());
  desk.clock = "2026-03-02T13:00:00Z";
  assert.deepEqual(countersOf(desk.feed()), before);
});

test("a source SEQUENCE is taken over, an absurd one is not", async () => {
  const desk = await deskWithUnrelated();
  await desk.deliver(E(7, 0));
  await desk.deliver(S(2_147_483_647, 0));
  const counters = countersOf(desk.feed());
  assert.equal(counters.get("e1@example.org")?.sequence, 7);
  assert.equal(counters.get("s1@example.org")?.sequence, 0);
});

test("the last event is shown as cancelled for 30 days, then no more", async () => {
  const desk = new SecretaryDesk();
  await desk.deliver(E(0, 0));
  await desk.deliver(CE(1, 1));
  desk.clock = "2026-04-01T12:00:00Z";
  assert.deepEqual(Object.keys(readFeed(desk.feed()).agenda), ["e1@example.org"]);
  desk.clock = "2026-04-02T12:00:00Z";
  assert.deepEqual(readFeed(desk.feed()).agenda, {});
  desk.clock = "2026-03-20T12:00:00Z";
  await desk.deliver(S(0, 0));
  assert.deepEqual(Object.keys(readFeed(desk.feed()).agenda), ["s1@example.org"]);
});

test("a message that is taken out of the mailbox takes its effect with it", async () => {
  const desk = await deskWithUnrelated();
  await desk.deliver(E(0, 0));
  const whole = readFeed(desk.feed()).agenda;
  await desk.deliver(CE(1, 1));
  const cancellation = desk.filed.at(-1)?.key ?? "";
  desk.remove([cancellation]);
  assert.deepEqual(readFeed(desk.feed()).agenda, whole, "moving a CANCEL away revives the event");
  desk.remove(desk.filed.slice(1).map(({ key }) => key));
  assert.deepEqual(Object.keys(readFeed(desk.feed()).agenda), [UNRELATED_UID]);
});
