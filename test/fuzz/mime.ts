import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MessageSummarizer, MessageSummary } from "../../src/core/imap/imap.ts";
import {
  type HeaderField,
  MessageParser,
  type Part,
  parseMessage,
  readEnvelope,
} from "../../src/core/mime/mime.ts";
import { parseImapValues } from "../servers/imap/imap-values.ts";
import { damage, type FuzzRun, fuzz } from "./damage.ts";

const FIXTURES = resolve(import.meta.dirname, "../../fixtures/samples");
const CORPUS = resolve(import.meta.dirname, "../../../shared/corpus/eml");
/** Longer samples spend the time in bodies, where little happens. */
const MAX_SAMPLE_OCTETS = 20_000;
const MAX_MILLISECONDS_PER_INPUT = 1000;

/**
 * Reads damaged mail for a while and checks what must hold for any octets: no exception, no hang, parts inside
 * their parents, the same tree however the octets are cut, and answers that a client can read.
 */
export function runMimeFuzz(run: FuzzRun): Promise<number> {
  const samples = [FIXTURES, CORPUS].filter(existsSync).flatMap(readSamples);
  return fuzz(run, (random) => damage(samples, random), check);
}

function readSamples(folder: string): Uint8Array[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".eml"))
    .map((file) => new Uint8Array(readFileSync(join(folder, file))).subarray(0, MAX_SAMPLE_OCTETS));
}

function check(input: Uint8Array): void {
  const started = performance.now();
  const message = parseMessage(input);
  assert.equal(message.body.end, input.length);
  checkRanges(message);
  const inPieces = parseInPieces(input);
  assert.deepEqual(inPieces, message);
  assert.deepEqual(inPieces.fields.map(showField), message.fields.map(showField));
  readEnvelope(message.fields);
  const summarizer = new MessageSummarizer();
  summarizer.push(input);
  const summary = new MessageSummary(summarizer.end().summary());
  for (const value of [summary.envelope, summary.bodyStructure, summary.body]) {
    assert.equal(parseImapValues(value).length, 1, value);
  }
  assert.ok(performance.now() - started < MAX_MILLISECONDS_PER_INPUT, "too slow");
}

/** Fields read their values when they are asked for them. */
function showField({ name, value }: HeaderField): string {
  return `${name}: ${value}`;
}

function checkRanges({ header, body, parts, bodyLines }: Part): void {
  assert.ok(header.start <= header.end && header.end === body.start && body.start <= body.end);
  assert.ok(bodyLines >= 0 && bodyLines <= body.end - body.start);
  let before = body.start;
  for (const part of parts) {
    // A header that was cut short may end with the line end that belongs to the delimiter.
    assert.ok(
      part.header.start >= before && part.body.start <= body.end + 2 && part.body.end <= body.end + 2,
    );
    before = part.body.end;
    checkRanges(part);
  }
}

/** Pieces of one, two, three octets and so on. */
function parseInPieces(input: Uint8Array): Part {
  const parser = new MessageParser();
  for (let at = 0, size = 1; at < input.length; at += size, size++)
    parser.push(input.subarray(at, at + size));
  return parser.end();
}
