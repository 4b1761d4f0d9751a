/**
 * Reads a winmail.dat of ten megabytes, one meeting and one large attachment, and prints how fast and with how
 * much memory, beside a plain pass over the same octets; then the mail that it comes in, whose base64 has to
 * be decoded. Run: `npm run bench -- tnef`.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readMessage } from "../../src/core/payloads/payloads.ts";
import { readTnef } from "../../src/core/tnef/tnef.ts";
import { winmail } from "../calendar/outlook-mails.ts";
import { concat, file } from "../core/tnef/tnef-writer.ts";

const MEGABYTE = 1024 * 1024;
const ROUNDS = 50;

const meeting = readFileSync(resolve(import.meta.dirname, "../../fixtures/tnef/series-with-exceptions.dat"));
const attachment = new Uint8Array(10 * MEGABYTE).map((_, index) => index * 31);
const octets = concat(meeting, file("plan.pdf", attachment));

/** A pass that does nothing but add the octets up: what the checksums alone cost. */
function sum(): number {
  let total = 0;
  for (let index = 0; index < octets.length; index++) total = (total + (octets[index] ?? 0)) | 0;
  return total;
}

async function measure(name: string, work: () => unknown): Promise<void> {
  for (let warm = 0; warm < 5; warm++) await work();
  const times: number[] = [];
  const before = memory();
  let peak = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
    peak = Math.max(peak, memory() - before);
  }
  const median = times.sort((a, b) => a - b)[ROUNDS / 2] ?? Number.NaN;
  const speed = octets.length / MEGABYTE / (median / 1000);
  console.log(
    `${name.padEnd(12)} ${median.toFixed(1).padStart(6)} ms ${speed.toFixed(0).padStart(6)} MB/s` +
      `   memory +${(peak / MEGABYTE).toFixed(2)} MB`,
  );
}

/** Heap and array buffers; the resident size also counts what the collector has not given back. */
function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const { value } = readTnef(octets);
if (value.calendar === undefined || value.attachments[0]?.content.buffer !== octets.buffer) {
  throw new Error("Cannot measure: the meeting or the attachment is not what was written");
}
const mail = winmail(octets).octets;
const context = { domain: "example.net", defaultZone: "Europe/Berlin", fileDate: 0 };
await measure("plain pass", sum);
await measure("readTnef", () => readTnef(octets));
await measure("readMessage", () => readMessage(mail, context));
const peak = process.resourceUsage().maxRSS / 1024;
console.log(
  `peak memory of the process: ${peak.toFixed(0)} MB, of which ${inputMegabytes()} MB are the inputs`,
);

function inputMegabytes(): string {
  return ((attachment.length + octets.length + mail.length) / MEGABYTE).toFixed(0);
}
