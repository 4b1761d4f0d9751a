/** Elements whose content is not there to be read, and where it ends. */
const SILENT: ReadonlyMap<string, RegExp> = new Map([
  ["head", /<\/head|<body/gi], // its end tag may be left out
  ["script", /<\/script/gi],
  ["style", /<\/style/gi],
  ["title", /<\/title/gi],
]);

/** Elements that stand on lines of their own. */
const BLOCKS: ReadonlySet<string> = new Set([
  "address",
  "blockquote",
  "dd",
  "div",
  "dl",
  "dt",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "hr",
  "li",
  "ol",
  "p",
  "pre",
  "table",
  "tr",
  "ul",
]);

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", "\u00a0"],
  ["shy", ""],
  ["auml", "ä"],
  ["ouml", "ö"],
  ["uuml", "ü"],
  ["Auml", "Ä"],
  ["Ouml", "Ö"],
  ["Uuml", "Ü"],
  ["szlig", "ß"],
  ["agrave", "à"],
  ["aacute", "á"],
  ["acirc", "â"],
  ["ccedil", "ç"],
  ["egrave", "è"],
  ["eacute", "é"],
  ["ecirc", "ê"],
  ["iacute", "í"],
  ["ntilde", "ñ"],
  ["oacute", "ó"],
  ["uacute", "ú"],
  ["euro", "€"],
  ["copy", "©"],
  ["reg", "®"],
  ["trade", "™"],
  ["sect", "§"],
  ["deg", "°"],
  ["middot", "·"],
  ["bull", "•"],
  ["hellip", "…"],
  ["ndash", "–"],
  ["mdash", "—"],
  ["lsquo", "‘"],
  ["rsquo", "’"],
  ["ldquo", "“"],
  ["rdquo", "”"],
  ["laquo", "«"],
  ["raquo", "»"],
]);

const MAX_URL_LENGTH = 2048;
/** Where a block begins or ends; any number of them in a row is one line end. */
const BLOCK_EDGE = "\v";

/**
 * The text of an HTML body, for a calendar entry: blocks on lines of their own, no more than one empty
 * line between them, the address of a link behind its text. Linear in the length, whatever is left open.
 */
export function htmlToText(html: string): string {
  const pieces: string[] = [];
  let link: string | undefined;
  let at = 0;
  while (at < html.length) {
    const opening = html.indexOf("<", at);
    const tag = opening < 0 ? undefined : tagAt(html, opening);
    pieces.push(
      decodeEntities(html.slice(at, opening < 0 ? html.length : opening).replace(/[ \t\r\n\f\v]+/g, " ")),
    );
    if (tag === undefined) break;
    if (tag.name === "br") pieces.push("\n");
    else if (BLOCKS.has(tag.name)) pieces.push(BLOCK_EDGE);
    else if (tag.name === "td" || tag.name === "th") pieces.push(" ");
    else if (tag.name === "" && tag.end === opening + 1) pieces.push("<");
    else if (tag.name === "a") {
      // "Join the meeting" is worth nothing without the place it leads to.
      if (tag.closes && link !== undefined && pieces.at(-1)?.trim() !== link) pieces.push(` <${link}>`);
      link = tag.closes ? undefined : linkOf(html.slice(opening, tag.end));
    }
    at = tag.end;
  }
  return tidyLines(pieces.join(""));
}

interface Tag {
  /** Lower case; empty for comments, declarations and a `<` that opens nothing. */
  readonly name: string;
  readonly closes: boolean;
  /** Where the text goes on. */
  readonly end: number;
}

function tagAt(html: string, opening: number): Tag {
  if (html.startsWith("<!--", opening)) return { name: "", closes: false, end: after(html, "-->", opening) };
  const closes = html[opening + 1] === "/";
  const nameStart = opening + (closes ? 2 : 1);
  const name = /^[a-z][a-z0-9]*/i.exec(html.slice(nameStart, nameStart + 16))?.[0].toLowerCase() ?? "";
  if (name === "" && !/[!?/]/.test(html[opening + 1] ?? "")) return { name, closes, end: opening + 1 };
  const end = after(html, ">", opening);
  const silentUntil = closes ? undefined : SILENT.get(name);
  if (silentUntil === undefined) return { name, closes, end };
  silentUntil.lastIndex = end;
  return { name, closes, end: silentUntil.exec(html)?.index ?? html.length };
}

/** The place behind a delimiter, or the end: what is never closed swallows the rest, once. */
function after(html: string, delimiter: string, from: number): number {
  const found = html.indexOf(delimiter, from);
  return found < 0 ? html.length : found + delimiter.length;
}

function linkOf(tag: string): string | undefined {
  const [, double, single, bare] = /\shref=(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(tag) ?? [];
  const url = decodeEntities(double ?? single ?? bare ?? "").trim();
  return /^https?:\/\/[^\s<>]+$/i.test(url) && url.length <= MAX_URL_LENGTH ? url : undefined;
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES.get(name) ?? whole;
    const codePoint = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return codePoint <= 0x10ffff && codePoint > 0 ? String.fromCodePoint(codePoint) : "";
  });
}

function tidyLines(text: string): string {
  // A paragraph of nothing but a no-break space is how editors write an empty line.
  const blocks = text.split(BLOCK_EDGE).filter((block) => /[^ \t]/.test(block));
  const lines = blocks.join("\n").split("\n");
  return lines
    .map((line) => line.replace(/[ \t\u00a0]+/g, " ").trim())
    .filter((line, index, all) => line !== "" || all[index - 1] !== "")
    .join("\n")
    .trim();
}
