import assert from "node:assert/strict";
import { test } from "node:test";
import { LineMeter } from "../../../src/servers/smtp/line-meter.ts";

const CASES = [
  { text: "", longest: 0 },
  { text: "abc", longest: 3 },
  { text: "abc\r\n", longest: 5 },
  { text: "a\r\nabcd\r\nab\r\n", longest: 6 },
  { text: "a\r\nab\r\nabcdef", longest: 6 },
];

for (const { text, longest } of CASES) {
  test(`LineMeter measures ${JSON.stringify(text)}, however it is cut`, () => {
    for (let size = 1; size <= text.length + 1; size++) {
      const meter = new LineMeter();
      for (let at = 0; at < text.length; at += size) meter.push(Buffer.from(text.slice(at, at + size)));
      assert.equal(meter.longest, longest);
    }
  });
}
