import assert from "node:assert/strict";
import { readTnef, type TnefContext, type TnefMessage } from "../../../src/core/tnef/tnef.ts";
import { contentLines, eventLines } from "./content-lines.ts";
import {
  binary,
  hex,
  messageHead,
  messageProperties,
  named,
  stream,
  time,
  type WrittenProperty,
} from "./tnef-writer.ts";
import { SERIES_ID } from "./vectors.ts";

export const MARCH_5_10 = Date.UTC(2026, 2, 5, 9) / 1000;

/** A message of that class that starts on 5 March at ten in Berlin, and what else it says. */
export function message(messageClass: string, ...properties: readonly WrittenProperty[]): Uint8Array {
  return stream(
    messageHead(messageClass),
    messageProperties(
      binary(named("meeting", 0x0003), hex(SERIES_ID)),
      time(named("appointment", 0x820d), MARCH_5_10),
      time(named("appointment", 0x820e), MARCH_5_10 + 3600),
      ...properties,
    ),
  );
}

export function request(...properties: readonly WrittenProperty[]): Uint8Array {
  return message("IPM.Microsoft Schedule.MtgReq", ...properties);
}

/** The lines of the only event that start with one of the names. */
export function linesOf(octets: Uint8Array, names: readonly string[], context?: TnefContext): string[] {
  const events = eventLines(readTnef(octets, context).value);
  assert.equal(events.length, 1);
  return (events[0] ?? []).filter((line) => names.some((name) => new RegExp(`^${name}[;:]`).test(line)));
}

export function methodOf({ calendar }: TnefMessage): string | undefined {
  return calendar && contentLines(calendar).find((line) => line.startsWith("METHOD:"));
}

export function codesOf(octets: Uint8Array): string[] {
  return readTnef(octets).problems.map(({ code }) => code);
}
