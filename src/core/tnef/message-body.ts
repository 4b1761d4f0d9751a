import { htmlToText } from "../html/html.ts";
import { cleanText, decodeCodePage, decodeUtf8OrWestern } from "./code-page.ts";
import { decompressRtf } from "./compressed-rtf.ts";
import { numberOf, octetsOf, type PropertyList, textOf } from "./property-list.ts";
import { readRtf } from "./rtf-text.ts";

const MAX_RTF_OCTETS = 1024 * 1024;
const UTF_8 = 65001;

/** The text of a message: what it has as text, else what its HTML, else what its RTF says. */
export function bodyText(properties: PropertyList): string | undefined {
  return textOf(properties, "body") ?? textOfHtml(properties) ?? textOfRtf(properties);
}

/** PidTagHtml is octets in the message's internet code page ([MS-OXCMSG] 2.2.1.58.9), or, rarely, a string. */
function textOfHtml(properties: PropertyList): string | undefined {
  const octets = octetsOf(properties, "html");
  if (octets === undefined) return fromHtml(textOf(properties, "html") ?? "");
  const codePage = numberOf(properties, "internetCodePage") ?? UTF_8;
  return fromHtml(codePage === UTF_8 ? decodeUtf8OrWestern(octets) : decodeCodePage(octets, codePage));
}

function textOfRtf(properties: PropertyList): string | undefined {
  const compressed = octetsOf(properties, "rtfCompressed");
  const rtf = compressed === undefined ? undefined : decompressRtf(compressed, MAX_RTF_OCTETS);
  if (rtf === undefined) return undefined;
  const content = readRtf(rtf);
  return content.kind === "html" ? fromHtml(content.text) : cleanText(content.text) || undefined;
}

function fromHtml(html: string): string | undefined {
  return cleanText(htmlToText(html)) || undefined;
}
