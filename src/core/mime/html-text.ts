/** The character references that prose is full of; any other is left as it is written. */
const REFERENCES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  nbsp: " ",
  quot: '"',
};

/** Elements whose content is not shown. */
const HIDDEN = /^(script|style|head|title)$/i;

/**
 * The words of an HTML document, roughly as a browser shows them; each tag becomes a space. Good enough
 * for a preview, and no more: it does not know what is visible. Linear in the length.
 */
export function textOfHtml(html: string): string {
  let text = "";
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    text += html.slice(at, open < 0 ? html.length : open);
    if (open < 0) break;
    at = endOfMarkup(html, open);
    text += " ";
  }
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, decodeReference);
}

/** Where the comment, the tag or the hidden element that begins at `open` ends. */
function endOfMarkup(html: string, open: number): number {
  if (html.startsWith("<!--", open)) return endOf(html, "-->", open + 4);
  const close = endOf(html, ">", open);
  const name = /^<([a-z]+)/i.exec(html.slice(open, open + 12))?.[1];
  if (name === undefined || !HIDDEN.test(name)) return close;
  const end = new RegExp(`</${name}`, "gi");
  end.lastIndex = close;
  const found = end.exec(html);
  return found === null ? html.length : endOf(html, ">", found.index);
}

function endOf(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from);
  return at < 0 ? html.length : at + mark.length;
}

function decodeReference(reference: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return REFERENCES[name.toLowerCase()] ?? reference;
  const codePoint = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  const isCharacter = codePoint >= 0x20 && codePoint <= 0x10ffff && (codePoint & 0xfffff800) !== 0xd800;
  return isCharacter ? String.fromCodePoint(codePoint) : " ";
}
