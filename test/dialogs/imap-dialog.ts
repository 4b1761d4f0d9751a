import assert from "node:assert/strict";
import type { ImapClient } from "../servers/imap/imap-client.ts";

/**
 * A conversation between one or two IMAP clients and a server, as a file:
 *
 *     # a reason, or the RFC
 *     NEEDS: X Y        only for servers that announce these capabilities
 *     DOVECOT: reason   not for Dovecot, which has its own ideas here
 *     START: plain      the connection is new and without TLS; otherwise the client has logged in
 *     MESSAGE: (\Seen) From: …\r\n    a message in $BOX, a mailbox that every dialog has for itself
 *     C: a NOOP         the client says this and CRLF; escapes: \r \n \0 \t \\ \xHH
 *     c: octets         exactly these
 *     S: * 1 EXISTS     a line that the server says before the end of its answer, in this order; `~` is any text
 *     N: * ~ FETCH ~    a line that it must not say in that answer
 *     S: a OK ~         the last expectation of an answer is its last line
 *     2C: …  2S: …      the same for a second client, which has logged in, too
 *     TLS               the handshake
 *     CLOSED            the server closes
 */
export interface ImapDialog {
  readonly needs: readonly string[];
  readonly notForDovecot: string | undefined;
  readonly startsPlain: boolean;
  readonly messages: readonly { readonly flags: string; readonly octets: string }[];
  readonly steps: readonly Step[];
}

type Step = { readonly line: number; readonly client: 1 | 2 } & (
  | { readonly do: "send"; readonly octets: string }
  | { readonly do: "expect"; readonly said: readonly string[]; readonly unsaid: readonly string[] }
  | { readonly do: "start-tls" }
  | { readonly do: "expect-close" }
);

export function parseImapDialog(text: string): ImapDialog {
  const steps: Step[] = [];
  const messages: { flags: string; octets: string }[] = [];
  let [needs, notForDovecot, startsPlain]: [string[], string | undefined, boolean] = [[], undefined, false];
  for (const [index, content] of text.split("\n").entries()) {
    const [, word = "", rest = ""] = /^(\S+) ?(.*)$/.exec(content) ?? [];
    const client = word.startsWith("2") ? 2 : 1;
    const at = { line: index + 1, client } as const;
    if (content === "" || content.startsWith("#")) continue;
    else if (word === "NEEDS:") needs = rest.split(" ");
    else if (word === "DOVECOT:") notForDovecot = rest;
    else if (word === "START:") startsPlain = rest === "plain";
    else if (word === "MESSAGE:") messages.push(parseMessageLine(rest));
    else if (word.endsWith("C:")) steps.push({ ...at, do: "send", octets: `${decodeEscapes(rest)}\r\n` });
    else if (word.endsWith("c:")) steps.push({ ...at, do: "send", octets: decodeEscapes(rest) });
    else if (word.endsWith("S:") || word.endsWith("N:")) addExpectation(steps, at, word, rest);
    else if (word === "TLS") steps.push({ ...at, do: "start-tls" });
    else if (word.endsWith("CLOSED")) steps.push({ ...at, do: "expect-close" });
    else throw new Error(`Line ${index + 1} of the dialog is none: ${content}`);
  }
  return { needs, notForDovecot, startsPlain, messages, steps };
}

function parseMessageLine(text: string): { flags: string; octets: string } {
  const [, flags = "()", octets = ""] = /^(\([^)]*\))? ?(.*)$/.exec(text) ?? [];
  return { flags, octets: decodeEscapes(octets) };
}

/** Expectations that follow each other are about one answer, unless the one before ended it. */
function addExpectation(
  steps: Step[],
  at: { readonly line: number; readonly client: 1 | 2 },
  word: string,
  pattern: string,
): void {
  const before = steps.at(-1);
  const isSame = before?.do === "expect" && before.client === at.client && !endsAnswer(before.said.at(-1));
  const { said, unsaid } = isSame ? before : { said: [], unsaid: [] };
  if (isSame) steps.pop();
  const isSaid = word.endsWith("S:");
  steps.push({
    ...at,
    do: "expect",
    said: isSaid ? [...said, decodeEscapes(pattern)] : said,
    unsaid: isSaid ? unsaid : [...unsaid, decodeEscapes(pattern)],
  });
}

/** A tagged line, or a request to go on. */
function endsAnswer(line = "* "): boolean {
  return !line.startsWith("* ");
}

/** Plays the dialog; `$BOX` in it is the mailbox of that name. */
export async function playDialog(
  dialog: ImapDialog,
  clients: { readonly first: ImapClient; readonly second: () => Promise<ImapClient> },
  names: { readonly file: string; readonly box: string },
): Promise<void> {
  let second: ImapClient | undefined;
  for (const step of dialog.steps) {
    if (step.client === 2) second ??= await clients.second();
    const client = step.client === 2 && second !== undefined ? second : clients.first;
    const where = `${names.file}:${step.line}`;
    switch (step.do) {
      case "send":
        client.send(step.octets.replaceAll("$BOX", names.box));
        break;
      case "start-tls":
        await client.startTls();
        break;
      case "expect-close":
        await client.closed();
        break;
      case "expect":
        await expectAnswer(client, step, { ...names, where });
    }
  }
}

async function expectAnswer(
  client: ImapClient,
  { said, unsaid }: { readonly said: readonly string[]; readonly unsaid: readonly string[] },
  { box, where }: { readonly box: string; readonly where: string },
): Promise<void> {
  const expected = said.map((pattern) => pattern.replaceAll("$BOX", box));
  const heard: string[] = [];
  const [last = ""] = expected.slice(-1);
  do {
    heard.push(await client.line());
    // An answer that is only untagged ends with the last line expected.
  } while (endsAnswer(last) ? heard.at(-1)?.startsWith("* ") : !fits(heard.at(-1), last));
  let at = 0;
  for (const pattern of expected) {
    const found = heard.findIndex((line, index) => index >= at && fits(line, pattern));
    assert.ok(
      found >= 0,
      `${where}: expected ${JSON.stringify(pattern)} in ${JSON.stringify(heard, null, 1)}`,
    );
    at = found + 1;
  }
  for (const pattern of unsaid) {
    assert.ok(
      !heard.some((line) => fits(line, pattern)),
      `${where}: ${pattern} in ${JSON.stringify(heard, null, 1)}`,
    );
  }
}

function fits(line: string | undefined, pattern: string): boolean {
  const literals = pattern.split("~").map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return line !== undefined && new RegExp(`^${literals.join("[^]*")}$`).test(line);
}

function decodeEscapes(text: string): string {
  const named: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", 0: "\0", "\\": "\\" };
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([rnt0\\]))/g, (_, hex?: string, name?: string) =>
    hex === undefined ? (named[name ?? ""] ?? "") : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
