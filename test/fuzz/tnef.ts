import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Component } from "../../src/core/icalendar/icalendar.ts";
import { readTnef, type TnefMessage } from "../../src/core/tnef/tnef.ts";
import { corpusSamples, readSample } from "../core/tnef/corpus.ts";
import { damage, type FuzzRun, fuzz } from "./damage.ts";

const FIXTURES = resolve(import.meta.dirname, "../../fixtures/tnef");
/** Longer samples spend the time on attachments, which nobody looks into. */
const MAX_SAMPLE_OCTETS = 40_000;
const MAX_MILLISECONDS_PER_INPUT = 1000;
const MAX_DEPTH = 3;

/**
 * Reads damaged fixtures and corpus samples for a while and checks what must hold for any octets: no
 * exception, no hang, no copied attachment, no control character in a text. Fails with the seed and the
 * input; returns how many inputs there were.
 */
export function runTnefFuzz(run: FuzzRun): Promise<number> {
  const samples = readTnefSamples();
  return fuzz(run, (random) => damage(samples, random), check);
}

/** All fixtures, and the samples of the corpus where it is. */
export function readTnefSamples(): Uint8Array[] {
  const fixtures = readdirSync(FIXTURES).filter((file) => file.endsWith(".dat"));
  return [
    ...fixtures.map((file) => new Uint8Array(readFileSync(join(FIXTURES, file)))),
    ...corpusSamples().map(readSample),
  ].map((sample) => sample.subarray(0, MAX_SAMPLE_OCTETS));
}

function check(input: Uint8Array): void {
  const started = performance.now();
  const { value, problems } = readTnef(input);
  assert.ok(performance.now() - started < MAX_MILLISECONDS_PER_INPUT, "too slow");
  assert.ok(problems.length <= 100, "too many problems");
  for (const { offset } of problems)
    assert.ok(offset >= 0 && offset <= input.length, "problem outside the input");
  checkMessage(value, input, 0);
}

function checkMessage(message: TnefMessage, input: Uint8Array, depth: number): void {
  assert.ok(depth <= MAX_DEPTH, "too deep");
  for (const { content, fileName, mediaType } of message.attachments) {
    assert.ok(content.length === 0 || content.buffer === input.buffer, "copied attachment");
    assert.doesNotMatch(fileName, /[\x00-\x1f\x7f/\\]/, "no plain file name");
    assert.match(mediaType, /^[!-~]+\/[!-~]+$/, "no media type");
  }
  if (message.calendar !== undefined) checkComponent(message.calendar);
  for (const embedded of message.embedded) checkMessage(embedded, input, depth + 1);
}

function checkComponent({ properties, components }: Component): void {
  for (const { name, parameters, values } of properties) {
    for (const value of values) assert.ok(value.isWellFormed(), name);
    for (const value of values) assert.doesNotMatch(value, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/, name);
    for (const value of parameters.values()) assert.doesNotMatch(value, /[\x00-\x1f\x7f-\x9f]/, name);
    if (/^(?:DTSTART|DTEND|RECURRENCE-ID|EXDATE|DTSTAMP)$/.test(name)) {
      for (const value of values) assert.match(value, /^(?:19|20|21)\d{6}(?:T\d{6}Z?)?$/, name);
    }
    if (name === "RRULE") assert.match(values[0] ?? "", /^FREQ=[A-Z]+(?:;[A-Z]+=[-A-Z0-9,]+)*$/);
  }
  components.forEach(checkComponent);
}
