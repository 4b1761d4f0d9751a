import assert from "node:assert/strict";
import { test } from "node:test";
import { LineLimit } from "../../../src/servers/smtp/line-limit.ts";

const CASES = [
  { text: "", longest: 0 },
  { text: "abc", longest: 3 },
  { text: "abc\r\n", longest: 5 },
  { text: "a\r\nabcd\r\nab\r\n", longest: 6 },
  { text: "a\r\nab\r\nabcdef", longest: 6 },
  { text: "\r\n\r\n", longest: 2 },
];

for (const { text, longest } of CASES) {
  test(`LineLimit finds the longest line of ${JSON.stringify(text)}, however it is cut`, () => {
    for (let size = 1; size <= text.length + 1; size++) {
      for (const limit of [longest - 1, longest, longest + 1, 100].filter((octets) => octets >= 0)) {
        const lines = new LineLimit(limit);
        for (let at = 0; at < text.length; at += size) lines.push(Buffer.from(text.slice(at, at + size)));
        assert.equal(lines.isExceeded, longest > limit, `limit ${limit}, pieces of ${size}`);
      }
    }
  });
}
