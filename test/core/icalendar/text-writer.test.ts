import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseContentLine } from "../../../src/core/icalendar/content-line.ts";
import { escapeText, foldLine, formatParameter } from "../../../src/core/icalendar/icalendar.ts";

const anyText = fc.string({ unit: "binary", maxLength: 300 });

test("foldLine writes lines of at most 75 octets, and unfolded they are what they were", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const line = `SUMMARY:${escapeText(text)}`;
      const folded = foldLine(line);
      assert.ok(folded.endsWith("\r\n"));
      for (const piece of folded.slice(0, -2).split("\r\n")) {
        assert.ok(Buffer.byteLength(piece) <= 75);
        assert.ok(piece.isWellFormed());
      }
      assert.equal(folded.slice(0, -2).replaceAll("\r\n ", ""), line);
    }),
    { seed: 1 },
  );
});

test("foldLine uses all 75 octets", () => {
  assert.equal(foldLine("x".repeat(75)), `${"x".repeat(75)}\r\n`);
  assert.equal(foldLine("x".repeat(76)), `${"x".repeat(75)}\r\n x\r\n`);
  assert.equal(foldLine(`${"x".repeat(74)}ü`), `${"x".repeat(74)}\r\n ü\r\n`);
});

test("escapeText is undone by reading, control characters and lone surrogates apart", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const expected = text
        .toWellFormed()
        .replace(/\r\n?/g, "\n")
        .replace(/[\0-\x08\x0b-\x1f\x7f]/g, "");
      assert.deepEqual(parseContentLine(`SUMMARY:${escapeText(text)}`)?.values, [expected]);
    }),
    { seed: 1 },
  );
});

test("formatParameter gives one value without quotes and line breaks inside", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const line = `X;CN=${formatParameter(text)}:value`;
      assert.doesNotMatch(line, /[\0-\x1f\x7f]/);
      assert.deepEqual(parseContentLine(line)?.values, ["value"]);
    }),
    { seed: 1 },
  );
  assert.equal(formatParameter('Ann "A": b'), "\"Ann 'A': b\"");
  assert.equal(formatParameter("Ann"), "Ann");
});
