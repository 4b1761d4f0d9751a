/** A value as IMAP answers have it: NIL, an atom or string, a list. */
export type ImapValue = string | null | readonly ImapValue[];

/** Reads the values of an answer, literals and all, for comparing what two servers say. */
export function parseImapValues(text: string): ImapValue[] {
  const lists: ImapValue[][] = [[]];
  const pattern = /\s*(?:([()])|"((?:[^"\\]|\\.)*)"|\{(\d+)\}\r\n|([^\s()"{]+))/gy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [, bracket, quoted, literal, atom] = match;
    const list = lists.at(-1);
    if (bracket === "(") lists.push([]);
    else if (bracket === ")") lists.at(-2)?.push(lists.pop() ?? []);
    else if (quoted !== undefined) list?.push(quoted.replace(/\\(.)/g, "$1"));
    else if (literal !== undefined) {
      list?.push(text.slice(pattern.lastIndex, pattern.lastIndex + Number(literal)));
      pattern.lastIndex += Number(literal);
    } else list?.push(atom === "NIL" ? null : (atom ?? ""));
  }
  return lists[0] ?? [];
}

/** The values behind the names in a FETCH answer, by sequence number. */
export function fetchedValues(lines: readonly string[]): Map<number, Map<string, ImapValue>> {
  const messages = new Map<number, Map<string, ImapValue>>();
  for (const line of lines) {
    const match = /^\* (\d+) FETCH /.exec(line) ?? /^(\d+) FETCH /.exec(line);
    if (match === null) continue;
    const [items] = parseImapValues(line.slice(match[0].length));
    const values = new Map<string, ImapValue>();
    if (!Array.isArray(items)) continue;
    for (let at = 0; at + 1 < items.length; at += 2) values.set(String(items[at]), items[at + 1] ?? null);
    messages.set(Number(match[1]), values);
  }
  return messages;
}
