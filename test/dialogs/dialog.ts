/**
 * A conversation with a server, as a file:
 *
 *     # a reason, or the RFC
 *     C: text      the client says this and CRLF
 *     c: text      exactly these octets: \r \n \0 \t \\ \xHH; no line end is added
 *     S: 250 ~     the next reply, or its last line; `~` is any text
 *     S: 250-TEXT  a line before the last one of the next reply, somewhere in it
 *     TLS          the handshake, after the reply to STARTTLS
 *     CLOSED       the server closes, and has said nothing more
 *     STORED: 1    that many messages have been stored since the connection began
 */
export type Step =
  | { readonly do: "send"; readonly line: number; readonly octets: string }
  | { readonly do: "expect"; readonly line: number; readonly reply: readonly string[] }
  | { readonly do: "start-tls"; readonly line: number }
  | { readonly do: "expect-close"; readonly line: number }
  | { readonly do: "expect-stored"; readonly line: number; readonly count: number };

export function parseDialog(text: string): Step[] {
  const steps: Step[] = [];
  let reply: string[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const line = index + 1;
    const [word = "", rest = ""] = splitAt(content, content.indexOf(" "));
    if (content.startsWith("#") || content === "") continue;
    else if (word === "C:") steps.push({ do: "send", line, octets: `${decodeEscapes(rest)}\r\n` });
    else if (word === "c:") steps.push({ do: "send", line, octets: decodeEscapes(rest) });
    else if (word === "S:") {
      reply.push(rest);
      if (/^\d{3}-/.test(rest)) continue;
      steps.push({ do: "expect", line, reply });
      reply = [];
    } else if (word === "TLS") steps.push({ do: "start-tls", line });
    else if (word === "CLOSED") steps.push({ do: "expect-close", line });
    else if (word === "STORED:") steps.push({ do: "expect-stored", line, count: Number(rest) });
    else throw new Error(`Line ${line} of the dialog is none: ${content}`);
  }
  return steps;
}

/** Whether a reply has, in this order, the lines expected, the last one last. */
export function matchesReply(actual: string, expected: readonly string[]): boolean {
  const lines = actual.split("\r\n");
  const last = lines.pop() ?? "";
  const [lastExpected = "", ...others] = expected.toReversed();
  let from = 0;
  const hasOthers = others.toReversed().every((pattern) => {
    from = lines.findIndex((line, index) => index >= from && matchesLine(line, pattern)) + 1;
    return from > 0;
  });
  return hasOthers && matchesLine(last, lastExpected);
}

function matchesLine(line: string, pattern: string): boolean {
  const literals = pattern.split("~").map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join(".*")}$`).test(line);
}

function decodeEscapes(text: string): string {
  const named: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", 0: "\0", "\\": "\\" };
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (whole, hex?: string, name?: string) =>
    hex === undefined ? (named[name ?? ""] ?? whole) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function splitAt(text: string, index: number): string[] {
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
