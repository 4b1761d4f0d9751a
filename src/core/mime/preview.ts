import { htmlToText } from "../html/html.ts";
import type { TextPart } from "./message-text.ts";

/** Characters of a preview (RFC 8970 §3.1). */
const MAX_PREVIEW_CHARACTERS = 200;

/** A preview needs no more of the text than its beginning; HTML begins with much that is not shown. */
const MAX_LOOKED_AT = 64 * 1024;

/** As a rule so much of a plain text is enough. */
const LOOKED_AT_FIRST = 2.5 * MAX_PREVIEW_CHARACTERS;

/**
 * The beginning of what the sender wrote, on one line: of the first plain text, else of the first HTML;
 * quoted lines count only where there is nothing else. Empty when the message has no text.
 */
export function makePreview(texts: readonly TextPart[]): string {
  const inline = texts.filter((part) => !part.isAttachment);
  const plain = inline.find((part) => !part.isHtml && part.text.trim() !== "");
  if (plain !== undefined) return previewPlain(plain.text);
  const html = inline.find((part) => part.isHtml);
  if (html === undefined) return "";
  // Where a link leads is nothing to read in a list of messages.
  return shorten(htmlToText(html.text.slice(0, MAX_LOOKED_AT)).replace(/ <https?:[^>]*>/g, ""));
}

function previewPlain(text: string): string {
  const start = oneLine(ownLines(text.slice(0, LOOKED_AT_FIRST)));
  if (start.length > 2 * MAX_PREVIEW_CHARACTERS) return cut(start);
  const looked = text.slice(0, MAX_LOOKED_AT);
  return shorten(ownLines(looked) || looked);
}

/** What is no quotation; empty when everything is. */
function ownLines(text: string): string {
  if (!text.startsWith(">") && !text.includes("\n>")) return text.trim();
  const lines = text.split("\n").filter((line) => !line.startsWith(">"));
  return lines.join("\n").trim();
}

function shorten(text: string): string {
  return cut(oneLine(text));
}

function oneLine(text: string): string {
  // Soft hyphens, joiners and byte order marks pad the hidden first lines of newsletters.
  // Most white space is a single space, which stays as it is.
  return text
    .replace(/\u00ad|\u034f|[\u200b-\u200f]|\u2060|\ufeff/g, "")
    .replace(/ ?(?:[^\S ]|[\x00-\x1f\x7f])[\s\x00-\x1f\x7f]*| [\s\x00-\x1f\x7f]+/g, " ")
    .trim();
}

function cut(line: string): string {
  const start = line.slice(0, 2 * MAX_PREVIEW_CHARACTERS); // each character may be two code units
  const hasPairs = /[\ud800-\udfff]/.test(start);
  const characters = hasPairs
    ? [...start].slice(0, MAX_PREVIEW_CHARACTERS).join("")
    : start.slice(0, MAX_PREVIEW_CHARACTERS);
  return characters.trimEnd();
}
