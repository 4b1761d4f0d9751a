import { resolve } from "node:path";
import { domainToASCII } from "node:url";
import { findIanaName } from "../core/icalendar/icalendar.ts";
import { isNetwork, type ListenAddress } from "../servers/net/net.ts";
import { quote } from "./quote.ts";

/** What the text of a setting means, or what the operator should have written instead. */
export type Reading<T> = { readonly value: T } | { readonly advice: string };

/** One thing to correct: `name` and `message` make a sentence. */
export interface SettingFault {
  readonly name: string;
  readonly message: string;
}

const MS_PER = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
/** Longer than any setting needs, and short enough that sums with the clock stay exact. */
const MAX_DURATION_MS = 36_500 * MS_PER.d;
const MAX_PORT = 65_535;

export function parseBoolean(text: string): Reading<boolean> {
  if (text === "true" || text === "false") return { value: text === "true" };
  return { advice: 'write "true" or "false"' };
}

/** A reader of exactly these words. */
export function oneOf<Word extends string>(...words: readonly Word[]): (text: string) => Reading<Word> {
  return (text) => {
    const word = words.find((each) => each === text);
    return word === undefined ? { advice: `write ${words.map(quote).join(" or ")}` } : { value: word };
  };
}

/** Days, hours, minutes and seconds in this order, each at most once: `36h`, `1m30s`. In milliseconds. */
export function parseDuration(text: string): Reading<number> {
  const match = /^(?=.)(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/.exec(text);
  if (match === null) return { advice: 'write a duration like "30s", "1m30s", "36h" or "2d"' };
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = match;
  const value =
    Number(days) * MS_PER.d +
    Number(hours) * MS_PER.h +
    Number(minutes) * MS_PER.m +
    Number(seconds) * MS_PER.s;
  return value <= MAX_DURATION_MS
    ? { value }
    : { advice: `write at most "${formatDuration(MAX_DURATION_MS)}"` };
}

/** A reader of durations that are no shorter than this one. */
export function durationFrom(shortest: string): (text: string) => Reading<number> {
  const least = parseDuration(shortest);
  return (text) => {
    const reading = parseDuration(text);
    const tooShort = "value" in reading && "value" in least && reading.value < least.value;
    return tooShort ? { advice: `write at least "${shortest}"` } : reading;
  };
}

/** The shortest text that `parseDuration` reads as the same duration, which must be whole seconds. */
export function formatDuration(durationMs: number): string {
  let rest = durationMs;
  let text = "";
  for (const [unit, size] of Object.entries(MS_PER)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}

/** `:25`, `host:port` or, for IPv6, `[::1]:25`. Names are not looked up here. */
export function parseListenAddress(text: string): Reading<ListenAddress> {
  const [, written = "", port = ""] = /^(\[[^\]]*\]|[^:[\]]*):(\d{1,5})$/.exec(text) ?? [];
  const host = toAsciiHost(written);
  const isHost = written === "" || /^(?:[a-z0-9._-]+|\[.*\])$/.test(host);
  if (!isHost || port === "" || Number(port) > MAX_PORT) {
    return { advice: 'write ":25", "host:25" or "[::1]:25"' };
  }
  const bare = host.replace(/^\[|\]$/g, "");
  return { value: { ...(bare !== "" && { host: bare }), port: Number(port) } };
}

/** A host's name or address in lower case and ASCII; empty if it is none. */
export function toAsciiHost(text: string): string {
  // domainToASCII reads the host of a URL, which ends at a slash and where `%6d` is a letter.
  return /[%/\\?#@\s]/.test(text) ? "" : domainToASCII(text);
}

/** The text that `parseListenAddress` reads as the same address. */
export function formatListenAddress({ host = "", port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A number of octets, no smaller than this. */
export function octetsFrom(fewest: number): (text: string) => Reading<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : -1;
    return value >= fewest ? { value } : { advice: `write a number of octets, at least ${fewest}` };
  };
}

/** A path, made absolute. */
export function parsePath(text: string): Reading<string> {
  return text === "" ? { advice: "write a path" } : { value: resolve(text) };
}

/** A name of the tz data, in its own spelling. */
export function parseTimeZone(text: string): Reading<string> {
  const value = findIanaName(text);
  return value === undefined ? { advice: 'write an IANA time zone like "Europe/Berlin"' } : { value };
}

/** The zone of this machine, in the form of POSIX (`:Europe/Berlin`) or without its colon. */
export function parseSystemTimeZone(text: string): Reading<string> {
  const reading = parseTimeZone(text.replace(/^:/, ""));
  return "value" in reading ? reading : { advice: `${reading.advice}, or set WEBCAL_TIMEZONE` };
}

export function parseKeep(text: string): Reading<number | "forever"> {
  if (text === "forever") return { value: text };
  const reading = durationFrom("1d")(text);
  return "value" in reading ? reading : { advice: `${reading.advice}, or "forever"` };
}

/** A line of text for people, without control characters. */
export function parseTitle(text: string): Reading<string> {
  const tooLong = [...text].length > 200;
  return tooLong || /\p{Cc}/u.test(text)
    ? { advice: "write one line of at most 200 characters" }
    : { value: text };
}

/** Addresses and networks, as they are compared with those of clients. */
export function parseNetworks(text: string): Reading<readonly string[]> {
  const words = splitList(text).map((word) => word.toLowerCase());
  const wrong = words.filter((word) => !isNetwork(word)).map(quote);
  if (wrong.length === 0) return { value: words };
  return {
    advice: `instead of ${wrong.join(", ")} write addresses or networks like "192.0.2.1" or "10.0.0.0/8"`,
  };
}

/** Words separated by commas or white space. */
export function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
