import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readSample, samplesIn } from "../calendar/corpus.ts";
import { FINDING_CASES } from "../calendar/finding-cases.ts";
import { GUARD_CASES } from "../calendar/guard-cases.ts";
import { MERGING_CASES } from "../calendar/merging-cases.ts";
import { NORMALISING_CASES } from "../calendar/normalising-cases.ts";
import { checkFeed, eventText } from "../calendar/read-feed.ts";
import { SecretaryDesk, UNRELATED, UNRELATED_UID } from "../calendar/secretary-desk.ts";
import { SERIES_CASES } from "../calendar/series-cases.ts";
import { randomNumbers } from "./damage.ts";
import { damage } from "./message-damage.ts";

const SAMPLES = resolve(import.meta.dirname, "../../fixtures/samples");
/** Longer ones spend the time on what is not calendar data. */
const MAX_SAMPLE_OCTETS = 60_000;
/** Damaged messages that share a mailbox, and meet in its events. */
const MESSAGES_PER_DESK = 40;
const MAX_MILLISECONDS_PER_MESSAGE = 2_000;

export interface FuzzRun {
  readonly seed: number;
  readonly milliseconds: number;
}

/**
 * Files damaged mails for a while and checks what must hold whatever comes in: no exception, no hang, a feed
 * that parses and keeps an unrelated event octet for octet, and a rebuild that gives the same feed. Fails with
 * the seed and the message; returns how many there were.
 */
export async function runCalendarFuzz({ seed, milliseconds }: FuzzRun): Promise<number> {
  const samples = readSamples();
  const random = randomNumbers(seed);
  const sample = () => samples[random(samples.length)] ?? Buffer.from("\r\n");
  const end = performance.now() + milliseconds;
  let messages = 0;
  while (performance.now() < end) {
    const desk = new SecretaryDesk();
    await desk.deliver(UNRELATED);
    const unrelated = eventText(desk.feed(), UNRELATED_UID);
    for (let turn = 0; turn < MESSAGES_PER_DESK && performance.now() < end; turn++) {
      const octets = damage(sample(), random, sample());
      messages++;
      try {
        await fileOne(desk, octets, unrelated);
      } catch (cause) {
        const base64 = octets.toString("base64");
        throw new Error(`Message ${messages} of seed ${seed} fails: ${base64}`, { cause });
      }
    }
    const rebuilt = desk.rebuilt((filed) => filed.toReversed());
    assert.deepEqual(
      new TextDecoder().decode(rebuilt.feed()),
      new TextDecoder().decode(desk.feed()),
      `${seed}`,
    );
    rebuilt.close();
    desk.close();
  }
  return messages;
}

async function fileOne(desk: SecretaryDesk, octets: Buffer, unrelated: string | undefined): Promise<void> {
  const started = performance.now();
  await desk.deliver({ octets });
  const feed = desk.feed();
  assert.ok(performance.now() - started < MAX_MILLISECONDS_PER_MESSAGE, "too slow");
  checkFeed(feed);
  assert.equal(eventText(feed, UNRELATED_UID), unrelated, "an unrelated event changed");
}

function readSamples(): Buffer[] {
  const cases = [...FINDING_CASES, ...MERGING_CASES, ...GUARD_CASES, ...NORMALISING_CASES, ...SERIES_CASES];
  return [
    ...cases.flatMap(({ steps }) => steps.map(({ mail }) => Buffer.from(mail.octets))),
    ...readdirSync(SAMPLES)
      .filter((file) => file.endsWith(".eml"))
      .map((file) => readFileSync(join(SAMPLES, file))),
    ...samplesIn("imip", /\.eml$/).map((file) => readSample("imip", file)),
  ].filter(({ length }) => length <= MAX_SAMPLE_OCTETS);
}
