import assert from "node:assert/strict";
import type { Mail } from "../calendar/case-mails.ts";
import { mailOf } from "../calendar/case-mails.ts";
import { winmailPart } from "../calendar/outlook-mails.ts";
import { readFeed } from "../calendar/read-feed.ts";
import { SecretaryDesk } from "../calendar/secretary-desk.ts";
import { embedded, file, messageHead, stream } from "../core/tnef/tnef-writer.ts";
import { damage, type FuzzRun, fuzz, type Random } from "./damage.ts";
import { readTnefSamples } from "./tnef.ts";

const MAX_MILLISECONDS_PER_INPUT = 2000;

/**
 * Mails damaged winmail.dat files to a secretary, by themselves, forwarded and wrapped, and checks the feed:
 * it is what every feed must be, whatever came in, and each mail has an outcome.
 */
export function runOutlookFuzz(run: FuzzRun): Promise<number> {
  const samples = readTnefSamples();
  return fuzz(run, (random) => wrap(damage(samples, random), random).octets, check);
}

const WRAPPINGS: readonly ((octets: Uint8Array) => Uint8Array)[] = [
  (octets) => octets,
  (octets) => stream(messageHead("IPM.Note"), embedded(octets)),
  (octets) => stream(messageHead("IPM.Note"), file("winmail.dat", octets)),
  (octets) => stream(messageHead("IPM.Note"), file("a.eml", mailOf(winmailPart(octets)).octets)),
];

function wrap(octets: Uint8Array, random: Random): Mail {
  const wrapping = WRAPPINGS[random(WRAPPINGS.length)];
  return mailOf(winmailPart(wrapping?.(octets) ?? octets));
}

async function check(octets: Uint8Array): Promise<void> {
  const desk = new SecretaryDesk();
  const started = performance.now();
  const outcomes = await desk.deliver({ octets });
  assert.ok(performance.now() - started < MAX_MILLISECONDS_PER_INPUT, "too slow");
  assert.ok(outcomes.length > 0, "no outcome");
  readFeed(desk.feed());
  desk.close();
}
