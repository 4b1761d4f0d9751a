import { htmlToText } from "../html/html.ts";
import { type Component, findValue, type Property } from "../icalendar/icalendar.ts";

/** Lengths in characters; what is longer is cut. */
const MAX_LINE_TEXT = 1_024;
const MAX_DESCRIPTION = 16_384;
const MAX_CATEGORIES = 20;
const MAX_ATTACHMENTS = 10;
const MAX_URL_OCTETS = 2_048;

const BUSY_STATUSES = ["FREE", "TENTATIVE", "BUSY", "OOF", "WORKINGELSEWHERE"];
const CONFERENCE_PROPERTIES = [
  "CONFERENCE",
  "X-GOOGLE-CONFERENCE",
  "X-MICROSOFT-SKYPETEAMSMEETINGURL",
  "X-MICROSOFT-ONLINEMEETINGCONFLINK",
];

/** All values of a property, as cleaned text, empty ones left out. */
function texts(component: Component, name: string): string[] {
  return component.properties
    .filter((property) => property.name === name)
    .map((property) => cleanText(property.values[0] ?? ""))
    .filter((text) => text !== "");
}

/** Without control characters but line breaks and tabs, without surrounding white space. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[\0-\x08\x0b-\x1f\x7f]/g, "")
    .trim();
}

/** The first `length` characters; never half of a surrogate pair. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return text.slice(0, end);
}

export function readSummary(event: Component): string | undefined {
  const summary = texts(event, "SUMMARY").join(" - ").replace(/\s+/g, " ");
  return summary === "" ? undefined : cut(summary, MAX_LINE_TEXT);
}

/** DESCRIPTION, else the text of the HTML that Outlook sends beside or instead of it. */
export function readDescription(event: Component): string | undefined {
  const html = findValue(event, "X-ALT-DESC");
  const plain = texts(event, "DESCRIPTION").join("\n\n");
  let text = plain !== "" || html === undefined ? plain : cleanText(htmlToText(html));
  const link = conferenceLink(event);
  if (link !== undefined && readUrl(event) !== link && !text.includes(link))
    text = `${text}\n\n${link}`.trim();
  if (text === "") return undefined;
  return text.length <= MAX_DESCRIPTION ? text : `${cut(text, MAX_DESCRIPTION)} [...]`;
}

/** LOCATION, else the name of a VLOCATION (RFC 9073 §7.2), else the host of the conference. */
export function readLocation(event: Component): string | undefined {
  const place = event.components.find((component) => component.name === "VLOCATION");
  const link = conferenceLink(event);
  const location =
    texts(event, "LOCATION")[0] ?? (place && texts(place, "NAME")[0]) ?? (link && new URL(link).hostname);
  return location === undefined ? undefined : cut(location, MAX_LINE_TEXT);
}

/** URL if it is http or https, else the link to the conference (RFC 7986 §5.11 and its predecessors). */
export function readUrl(event: Component): string | undefined {
  const url = findValue(event, "URL");
  return url !== undefined && isWebUrl(url.trim()) ? url.trim() : conferenceLink(event);
}

function conferenceLink(event: Component): string | undefined {
  const candidates = CONFERENCE_PROPERTIES.flatMap((name) =>
    event.properties
      .filter((property) => property.name === name)
      .map((property) => (property.values[0] ?? "").trim()),
  );
  return candidates.find((url) => url.startsWith("https://") && isWebUrl(url));
}

/** Whether a link may stand in the feed: http or https, no user info, no blanks, not endless. */
export function isWebUrl(url: string): boolean {
  if (Buffer.byteLength(url) > MAX_URL_OCTETS || /[\s\0-\x1f\x7f"<>]/.test(url)) return false;
  const parsed = URL.parse(url);
  return (
    parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === "" && parsed.password === ""
  );
}

export function readCategories(event: Component): string[] {
  const all = event.properties
    .filter((property) => property.name === "CATEGORIES")
    .flatMap(({ values }) => values);
  const named = all.map(cleanText).filter((name) => name !== "" && !/^[a-z]+ category$/i.test(name));
  return [...new Set(named)].slice(0, MAX_CATEGORIES).map((name) => cut(name, MAX_LINE_TEXT));
}

/** Links to files; inline content is never kept. */
export function readAttachments(event: Component): { uri: string; mediaType: string | undefined }[] {
  return event.properties
    .filter((property) => property.name === "ATTACH" && isWebUrl((property.values[0] ?? "").trim()))
    .slice(0, MAX_ATTACHMENTS)
    .map((property) => ({ uri: (property.values[0] ?? "").trim(), mediaType: mediaTypeOf(property) }));
}

function mediaTypeOf(property: Property): string | undefined {
  const mediaType = property.parameters.get("FMTTYPE");
  return mediaType !== undefined && /^[\w.+-]{1,64}\/[\w.+-]{1,128}$/.test(mediaType) ? mediaType : undefined;
}

export function readGeo(event: Component): string | undefined {
  const match = /^\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*[;,]\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*$/.exec(
    findValue(event, "GEO") ?? "",
  );
  if (match === null) return undefined;
  const [latitude = "", longitude = ""] = match.slice(1);
  return Math.abs(Number(latitude)) <= 90 && Math.abs(Number(longitude)) <= 180
    ? `${latitude};${longitude}`
    : undefined;
}

export function readPriority(event: Component): number | undefined {
  const priority = Number(findValue(event, "PRIORITY"));
  return Number.isInteger(priority) && priority >= 1 && priority <= 9 ? priority : undefined;
}

/** One of the words in `words`, whatever its case; anything else is as good as absent. */
export function readWord<Word extends string>(
  event: Component,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const value = findValue(event, name)?.trim().toUpperCase();
  return words.find((word) => word === value);
}

export function readBusyStatus(event: Component): string | undefined {
  return readWord(event, "X-MICROSOFT-CDO-BUSYSTATUS", BUSY_STATUSES);
}
