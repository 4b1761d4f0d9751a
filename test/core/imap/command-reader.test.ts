import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandReader, type Incoming } from "../../../src/core/imap/imap.ts";
import { fromOctetString, toOctetString } from "../../../src/core/mime/mime.ts";

/** What comes out, one line each; `accept` says what the session makes of announced messages. */
interface Case {
  readonly name: string;
  readonly wire: string;
  readonly refuses?: boolean;
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: "cuts lines",
    wire: "a NOOP\r\nb NOOP\n\r\n",
    expected: ["command a NOOP", "command b NOOP", "command "],
  },
  {
    name: "waits for the rest of a line",
    wire: "a NOOP\r\nb NO",
    expected: ["command a NOOP"],
  },
  {
    name: "takes literals into the command and asks for synchronizing ones",
    wire: "a LOGIN {3}\r\nann {4+}\r\npa\r\n x\r\n",
    expected: ["literal", "command a LOGIN {3}\r\nann {4+}\r\npa\r\n x"],
  },
  {
    name: "takes an empty literal",
    wire: "a LOGIN {0}\r\n x\r\n",
    expected: ["literal", "command a LOGIN {0}\r\n x"],
  },
  {
    name: "takes braces inside a line for text",
    wire: "a SEARCH {3} x\r\n",
    expected: ["command a SEARCH {3} x"],
  },
  {
    name: "gives the messages of an APPEND apart (RFC 3502)",
    wire: "a APPEND box {5}\r\nhe\r\nl (\\Seen) {2+}\r\nxx\r\nb NOOP\r\n",
    expected: [
      "message a APPEND box {5} 5 waits",
      "octets he\r\nl",
      "end",
      "message  (\\Seen) {2+} 2",
      "octets xx",
      "end",
      "command ",
      "command b NOOP",
    ],
  },
  {
    name: "takes a literal mailbox of an APPEND for no message",
    wire: "a append {3}\r\nbox {2}\r\nxx\r\n",
    expected: ["literal", "message a append {3}\r\nbox {2} 2 waits", "octets xx", "end", "command "],
  },
  {
    name: "takes a literal8 in UTF8 (RFC 6855 §4)",
    wire: "a APPEND box UTF8 (~{2+}\r\nxx)\r\n",
    expected: ["message a APPEND box UTF8 (~{2+} 2", "octets xx", "end", "command )"],
  },
  {
    name: "drops a refused message with the rest of its command",
    wire: "a APPEND box {5+}\r\nb NOO {4+}\r\nc NO {9}\r\nd NOOP\r\n",
    refuses: true,
    expected: ["message a APPEND box {5+} 5", "command d NOOP"],
  },
  {
    name: "expects no octets of a message that was refused before it was sent",
    wire: "a APPEND box {5}\r\nb NOOP\r\n",
    refuses: true,
    expected: ["message a APPEND box {5} 5 waits", "command b NOOP"],
  },
  {
    name: "drops a command that is too long, literals and all",
    wire: `a SEARCH ${"x".repeat(300)} {9+}\r\nb LOGOUT\n y\r\nc NOOP\r\n`,
    expected: [`overflow a SEARCH ${"x".repeat(191)}`, "command c NOOP"],
  },
  {
    name: "drops a literal that is too long",
    wire: `a LOGIN {300+}\r\n${"b NOOP\r\n".repeat(37)}1234 x\r\nc NOOP\r\n`,
    expected: ["overflow a LOGIN {300+}", "command c NOOP"],
  },
  {
    name: "refuses a literal that is too long before it is sent",
    wire: "a LOGIN {300}\r\nc NOOP\r\n",
    expected: ["overflow a LOGIN {300}", "command c NOOP"],
  },
  {
    name: "takes numbers beyond all measure",
    wire: "a LOGIN {999999999999999}\r\nb LOGIN {99999999999999999999}\r\n",
    expected: ["overflow a LOGIN {999999999999999}", "command b LOGIN {99999999999999999999}"],
  },
];

const CUTS: Readonly<Record<string, (wire: string) => string[]>> = {
  whole: (wire) => [wire],
  "octet by octet": (wire) => [...wire],
};

for (const { name, wire, refuses = false, expected } of CASES) {
  for (const [cut, split] of Object.entries(CUTS)) {
    test(`CommandReader ${name} [${cut}]`, () => {
      assert.deepEqual(read(split(wire), refuses), expected);
    });
  }
}

test("CommandReader takes no octets of a message before it is accepted", () => {
  const reader = new CommandReader({ maxCommandOctets: 256 });
  reader.push(fromOctetString("a APPEND box {2}\r\nxx\r\n"));
  assert.equal(reader.next()?.kind, "message-announced");
  assert.equal(reader.next(), undefined);
  reader.acceptMessage();
  assert.equal(reader.next()?.kind, "message-octets");
});

test("CommandReader forgets what came before TLS (RFC 9051 §6.2.1)", () => {
  const reader = new CommandReader({ maxCommandOctets: 256 });
  reader.push(fromOctetString("a STARTTLS\r\nb LOGIN x y\r\nc NO"));
  assert.deepEqual(reader.next(), { kind: "command", text: "a STARTTLS" });
  reader.clear();
  assert.equal(reader.next(), undefined);
  reader.push(fromOctetString("OP\r\n"));
  assert.deepEqual(reader.next(), { kind: "command", text: "OP" });
});

function read(pieces: readonly string[], refuses: boolean): string[] {
  const reader = new CommandReader({ maxCommandOctets: 256 });
  const found: string[] = [];
  for (const piece of pieces) {
    reader.push(fromOctetString(piece));
    for (let incoming = reader.next(); incoming !== undefined; incoming = reader.next()) {
      const before = found.at(-1);
      const line = show(incoming);
      if (line.startsWith("octets ") && before?.startsWith("octets "))
        found.push(found.pop() + line.slice(7));
      else found.push(line);
      if (incoming.kind !== "message-announced") continue;
      if (refuses) reader.refuseMessage();
      else reader.acceptMessage();
    }
  }
  return found;
}

function show(incoming: Incoming): string {
  switch (incoming.kind) {
    case "literal-announced":
      return "literal";
    case "message-announced":
      return `message ${incoming.text} ${incoming.octets}${incoming.isSynchronizing ? " waits" : ""}`;
    case "message-octets":
      return `octets ${toOctetString(incoming.octets)}`;
    case "message-end":
      return "end";
    default:
      return `${incoming.kind} ${incoming.text}`;
  }
}
