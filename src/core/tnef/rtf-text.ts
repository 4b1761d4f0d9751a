import { DEFAULT_CODE_PAGE, decodeCodePage } from "./code-page.ts";
import { type RtfToken, readRtfTokens } from "./rtf-tokens.ts";

/** What an RTF document says: plain text, or the HTML it was made from ([MS-OXRTFEX]). */
export interface RtfContent {
  readonly kind: "text" | "html";
  readonly text: string;
}

// Groups within groups beyond this share the state of the last one that counts.
const MAX_DEPTH = 200;
const MAX_FONTS = 1000;
const MAX_UNICODE_SKIP = 10;

/** The code pages of \fcharset in the font table. */
const CHARSETS: ReadonlyMap<number, number> = new Map([
  [77, 10000],
  [128, 932],
  [129, 949],
  [134, 936],
  [136, 950],
  [161, 1253],
  [162, 1254],
  [163, 1258],
  [177, 1255],
  [178, 1256],
  [186, 1257],
  [204, 1251],
  [222, 874],
  [238, 1250],
]);

/** Groups whose content is no text of the document; all those marked with \* are so too. */
const SILENT_DESTINATIONS: ReadonlySet<string> = new Set([
  "fonttbl",
  "colortbl",
  "stylesheet",
  "info",
  "pict",
  "object",
  "header",
  "footer",
]);

const WORDS_FOR_TEXT: ReadonlyMap<string, string> = new Map([
  ["par", "\n"],
  ["line", "\n"],
  ["row", "\n"],
  ["sect", "\n"],
  ["page", "\n"],
  ["tab", "\t"],
  ["cell", "\t"],
  ["lquote", "\u2018"],
  ["rquote", "\u2019"],
  ["ldblquote", "\u201c"],
  ["rdblquote", "\u201d"],
  ["bullet", "\u2022"],
  ["endash", "\u2013"],
  ["emdash", "\u2014"],
]);

const SYMBOLS_FOR_TEXT: ReadonlyMap<string, string> = new Map([
  ["~", "\u00a0"],
  ["_", "-"],
  ["\n", "\n"],
  ["\r", "\n"],
]);

/** What holds within a group and ends with it. */
interface GroupState {
  silent: boolean;
  inFontTable: boolean;
  /** Inside \*\htmltag: markup of the HTML the document was made from. */
  htmlTag: boolean;
  /** Inside \htmlrtf: what stands for that markup in RTF, and is not in the HTML. */
  htmlRtf: boolean;
  codePage: number;
  /** How many characters behind \u are there for readers without Unicode. */
  unicodeSkip: number;
}

interface Reading {
  state: GroupState;
  readonly groups: GroupState[];
  groupsTooDeep: number;
  fromHtml: boolean;
  /** \* was just seen: an unknown destination is to be left out. */
  optional: boolean;
  documentCodePage: number;
  /** The font being defined in the font table. */
  font: number;
  readonly fontCodePages: Map<number, number>;
  charactersToSkip: number;
  /** Octets not yet decoded: several may make one character. */
  readonly undecoded: number[];
  readonly output: string[];
}

/** Reads RTF for its text alone. Never fails: what is no RTF is text. */
export function readRtf(octets: Uint8Array): RtfContent {
  const reading: Reading = {
    state: {
      silent: false,
      inFontTable: false,
      htmlTag: false,
      htmlRtf: false,
      codePage: DEFAULT_CODE_PAGE,
      unicodeSkip: 1,
    },
    groups: [],
    groupsTooDeep: 0,
    fromHtml: false,
    optional: false,
    documentCodePage: DEFAULT_CODE_PAGE,
    font: 0,
    fontCodePages: new Map(),
    charactersToSkip: 0,
    undecoded: [],
    output: [],
  };
  for (const token of readRtfTokens(octets)) readToken(reading, token);
  decodeText(reading);
  return { kind: reading.fromHtml ? "html" : "text", text: reading.output.join("") };
}

function readToken(reading: Reading, token: RtfToken): void {
  if (token.kind === "text") {
    addOctets(reading, token.octets);
    return;
  }
  decodeText(reading);
  reading.charactersToSkip = 0;
  const optional = reading.optional;
  reading.optional = token.kind === "symbol" && token.symbol === "*";
  switch (token.kind) {
    case "open":
      openGroup(reading);
      break;
    case "close":
      closeGroup(reading);
      break;
    case "symbol":
      write(reading, SYMBOLS_FOR_TEXT.get(token.symbol) ?? "");
      break;
    case "word":
      readWord(reading, token, optional);
  }
}

function openGroup(reading: Reading): void {
  if (reading.groups.length === MAX_DEPTH) {
    reading.groupsTooDeep++;
    return;
  }
  reading.groups.push(reading.state);
  reading.state = { ...reading.state };
}

function closeGroup(reading: Reading): void {
  if (reading.groupsTooDeep > 0) reading.groupsTooDeep--;
  else reading.state = reading.groups.pop() ?? reading.state;
}

function readWord(
  reading: Reading,
  { word, number }: { readonly word: string; readonly number: number | undefined },
  optional: boolean,
): void {
  const { state } = reading;
  const text = WORDS_FOR_TEXT.get(word);
  if (text !== undefined) {
    write(reading, text);
    return;
  }
  switch (word) {
    case "u":
      // Negative above 32767; a character beyond 65535 comes as two surrogates, one after the other.
      write(reading, String.fromCharCode((number ?? 0) & 0xffff));
      reading.charactersToSkip = state.unicodeSkip;
      break;
    case "uc":
      state.unicodeSkip = Math.min(Math.max(number ?? 1, 0), MAX_UNICODE_SKIP);
      break;
    case "ansicpg":
      reading.documentCodePage = number ?? DEFAULT_CODE_PAGE;
      state.codePage = reading.documentCodePage;
      break;
    case "plain":
      state.codePage = reading.documentCodePage;
      break;
    case "f":
      reading.font = number ?? 0;
      state.codePage = reading.fontCodePages.get(reading.font) ?? reading.documentCodePage;
      break;
    case "fcharset":
      if (state.inFontTable) defineFont(reading, number ?? 0);
      break;
    case "fromhtml":
      reading.fromHtml = true;
      break;
    case "htmltag":
      state.htmlTag = true;
      break;
    case "htmlrtf":
      state.htmlRtf = number !== 0;
      break;
    default:
      if (!optional && !SILENT_DESTINATIONS.has(word)) break;
      state.silent = true;
      state.inFontTable = word === "fonttbl";
  }
}

function defineFont(reading: Reading, charset: number): void {
  const codePage = CHARSETS.get(charset);
  if (codePage === undefined || reading.fontCodePages.size === MAX_FONTS) return;
  reading.fontCodePages.set(reading.font, codePage);
}

function addOctets(reading: Reading, octets: Uint8Array): void {
  const skipped = Math.min(reading.charactersToSkip, octets.length);
  reading.charactersToSkip -= skipped;
  if (!reading.state.silent) for (const octet of octets.subarray(skipped)) reading.undecoded.push(octet);
}

function decodeText(reading: Reading): void {
  if (reading.undecoded.length === 0) return;
  const octets = Uint8Array.from(reading.undecoded);
  reading.undecoded.length = 0;
  write(reading, decodeCodePage(octets, reading.state.codePage));
}

function write(reading: Reading, text: string): void {
  const { silent, htmlTag, htmlRtf } = reading.state;
  const hidden = reading.fromHtml ? htmlRtf && !htmlTag : htmlTag;
  if (!silent && !hidden && text !== "") reading.output.push(text);
}
