import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Group } from "../../src/core/calendar/calendar.ts";
import type { GroupState, Instance } from "../../src/core/calendar/group.ts";
import { seriesOf, timeOfKey } from "../../src/core/calendar/series.ts";
import type { CalendarTime } from "../../src/core/icalendar/icalendar.ts";
import { type HistoryMail, histories, mailOfHistory } from "./histories.ts";
import { readFeed } from "./read-feed.ts";
import { IDENTITY, SecretaryDesk, UNRELATED, UNRELATED_UID } from "./secretary-desk.ts";

const RUNS = Number(process.env.PROPERTY_RUNS ?? 50);
const SEED = Number(process.env.PROPERTY_SEED ?? 1);
const DAY = 86_400;
/** A reader looks at twelve dates of a UID; those of histories are weekly from 5 March, and some are added. */
const LAST = "04-23";

function wallOf(time: CalendarTime): number {
  return time.kind === "date" ? time.day * DAY : time.wall;
}

/** `03-05 09:00`, or `03-05` for a whole day. */
function textOf(kind: CalendarTime["kind"], wall: number): string {
  const iso = new Date(wall * 1000).toISOString();
  return kind === "date" ? iso.slice(5, 10) : `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;
}

/** The dates that a state means, worked out one by one, without any rule or UID of a feed. */
function datesOf({ master, instances }: GroupState): string[] {
  const all = [...instances].map(([key, instance]) => ({ at: Number.parseFloat(key), ...instance }));
  const content = master?.record.content;
  const start = (one: Instance) => one.versioned.record.content?.start;
  const told = (one: Instance) => {
    const time = start(one);
    return time === undefined ? [] : [textOf(time.kind, wallOf(time))];
  };
  if (master === undefined || content === undefined) {
    const isAlso = (at: number) => all.some((one) => !one.thisAndFuture && one.at === at);
    return all
      .filter((one) => one.kind === "override" && !(one.thisAndFuture && isAlso(one.at)))
      .flatMap(told);
  }
  const added = all.filter((one) => one.isAdded && one.kind === "override").map(({ at }) => at);
  const { set, ...series } = seriesOf(content, master.payload.zones);
  const isDate = (at: number) => set.has(at) || added.includes(at);
  const cuts = all.filter((one) => one.thisAndFuture && (one.kind === "cancelled" || isDate(one.at)));
  const end = Math.min(...cuts.filter((one) => one.kind === "cancelled").map(({ at }) => at));
  const keys = [...new Set([...set.instances(24), ...added])].filter((key) => key < end);
  const dates = keys.flatMap((key) => {
    const single = all.find((one) => !one.thisAndFuture && one.at === key);
    if (single?.kind === "cancelled") return [];
    if (single !== undefined) return told(single);
    const cut = cuts.filter(({ at }) => at <= key).sort((a, b) => b.at - a.at)[0];
    const from = cut && start(cut);
    const own = wallOf(timeOfKey(key, series));
    if (cut === undefined || from === undefined) return [textOf(series.start.kind, own)];
    return [textOf(from.kind, own + wallOf(from) - wallOf(timeOfKey(cut.at, series)))];
  });
  const orphans = all.filter((one) => one.kind === "override" && !(isDate(one.at) && one.at < end));
  const isAlso = (at: number) => all.some((one) => !one.thisAndFuture && one.at === at);
  return [...dates, ...orphans.filter((one) => !(one.thisAndFuture && isAlso(one.at))).flatMap(told)];
}

/** Reads the feed after a history, and compares it with the state. */
async function checkShown(history: readonly HistoryMail[]): Promise<void> {
  const desk = new SecretaryDesk();
  const messages = await desk.receive([UNRELATED, ...history.map(mailOfHistory)]);
  desk.file(messages);
  const { [UNRELATED_UID]: unrelated, ...agenda } = readFeed(desk.feed()).agenda;
  desk.close();
  const group = new Group(IDENTITY.isOwnAddress);
  group.addAll(
    messages.slice(1).flatMap(({ key: source, reading: { payloads, received, sender } }) => {
      const isAllowListed = IDENTITY.isOwnAddress(sender);
      return payloads.map((payload) => ({ payload, source, received, sender, isAllowListed }));
    }),
  );
  const shown = Object.values(agenda).flatMap((dates) =>
    dates.map((date) => date.replace(/-\d\d:\d\d$/, "")),
  );
  const early = (dates: readonly string[]) => dates.filter((date) => date <= LAST).sort();
  assert.equal(unrelated?.length, 1);
  assert.deepEqual(early(shown), early(datesOf(group.state)));
}

test("the feed shows the dates that the state means, each once", (context) => {
  context.diagnostic(`seed ${SEED}, ${RUNS} runs`);
  return fc.assert(fc.asyncProperty(histories, checkShown), { seed: SEED, numRuns: RUNS }) as Promise<void>;
});

const FOUND = resolve(import.meta.dirname, "../../fixtures/found");
for (const name of readdirSync(FOUND).filter((file) => file.endsWith(".json"))) {
  test(`fixtures/found/${name}: the feed shows the dates that the state means`, () =>
    checkShown(JSON.parse(readFileSync(join(FOUND, name), "utf8")) as HistoryMail[]));
}
