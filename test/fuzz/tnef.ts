import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Component } from "../../src/core/icalendar/icalendar.ts";
import { readTnef, type TnefMessage } from "../../src/core/tnef/tnef.ts";
import { corpusSamples, readSample } from "../core/tnef/corpus.ts";

const FIXTURES = resolve(import.meta.dirname, "../../fixtures/tnef");
/** Longer samples spend the time on attachments, which nobody looks into. */
const MAX_SAMPLE_OCTETS = 40_000;
const MAX_MILLISECONDS_PER_INPUT = 1000;
const MAX_DEPTH = 3;

export interface FuzzRun {
  readonly seed: number;
  readonly milliseconds: number;
}

/**
 * Reads damaged fixtures and corpus samples for a while and checks what must hold for any octets: no
 * exception, no hang, no copied attachment, no control character in a text. Fails with the seed and the
 * input; returns how many inputs there were.
 */
export function runTnefFuzz({ seed, milliseconds }: FuzzRun): number {
  const samples = readSamples();
  const random = randomNumbers(seed);
  const end = performance.now() + milliseconds;
  let inputs = 0;
  for (; performance.now() < end; inputs++) {
    const input = damage(samples, random);
    try {
      check(input);
    } catch (cause) {
      const base64 = Buffer.from(input).toString("base64");
      throw new Error(`Input ${inputs} of seed ${seed} fails: ${base64}`, { cause });
    }
  }
  return inputs;
}

function readSamples(): Uint8Array[] {
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

type Random = (below: number) => number;

/** Marsaglia's xorshift of 32 bits. */
function randomNumbers(seed: number): Random {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const INTERESTING = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const DAMAGES: readonly ((octets: Uint8Array, random: Random, other: Uint8Array) => Uint8Array)[] = [
  function cut(octets, random) {
    return octets.slice(0, random(octets.length + 1));
  },
  function flipBit(octets, random) {
    const at = random(octets.length);
    octets[at] = (octets[at] ?? 0) ^ (1 << random(8));
    return octets;
  },
  function setOctet(octets, random) {
    octets[random(octets.length)] = random(256);
    return octets;
  },
  function setNumber(octets, random) {
    if (octets.length < 4) return octets;
    const number = INTERESTING[random(INTERESTING.length)] ?? 0;
    new DataView(octets.buffer, octets.byteOffset).setUint32(random(octets.length - 3), number, true);
    return octets;
  },
  function remove(octets, random) {
    const from = random(octets.length);
    const to = Math.min(octets.length, from + 1 + random(64));
    return Uint8Array.from(Buffer.concat([octets.subarray(0, from), octets.subarray(to)]));
  },
  function repeat(octets, random) {
    const from = random(octets.length);
    const to = Math.min(octets.length, from + 1 + random(64));
    return Uint8Array.from(Buffer.concat([octets.subarray(0, to), octets.subarray(from)]));
  },
  function join(octets, random, other) {
    return Uint8Array.from(
      Buffer.concat([octets.subarray(0, random(octets.length)), other.subarray(random(other.length))]),
    );
  },
];

function damage(samples: readonly Uint8Array[], random: Random): Uint8Array {
  const sample = (): Uint8Array => samples[random(samples.length)] ?? new Uint8Array(1);
  let octets = Uint8Array.from(sample());
  for (let rounds = 1 + random(6); rounds > 0 && octets.length > 0; rounds--) {
    const change = DAMAGES[random(DAMAGES.length)];
    octets = Uint8Array.from(change?.(octets, random, sample()) ?? octets);
  }
  return octets;
}
