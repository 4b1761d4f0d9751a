import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf, request } from "./messages.ts";
import {
  ATTRIBUTE_ID,
  ascii,
  attribute,
  binary,
  concat,
  hex,
  int32,
  LEVEL,
  tag,
  uint32,
  type WrittenProperty,
  wide,
} from "./tnef-writer.ts";

test("the body is the text, else the HTML, else the RTF, else the attribute, else that of the mail", () => {
  const rtf = ascii("{\\rtf1 of RTF}");
  const properties = [
    wide(tag(0x1000), "of text"),
    binary(tag(0x1013), ascii("<p>of HTML</p>")),
    binary(tag(0x1009), concat(uint32(rtf.length + 12), uint32(rtf.length), ascii("MELA"), uint32(0), rtf)),
  ];
  const octets = (...from: readonly WrittenProperty[]): Uint8Array =>
    concat(request(...from), attribute(LEVEL.message, ATTRIBUTE_ID.body, ascii("of the attribute\0")));
  for (const [index, text] of ["text", "HTML", "RTF", "the attribute"].entries()) {
    assert.deepEqual(linesOf(octets(...properties.slice(index)), ["DESCRIPTION"]), [
      `DESCRIPTION:of ${text}`,
    ]);
  }
  assert.deepEqual(linesOf(request(), ["DESCRIPTION"], { textBody: "of the mail" }), [
    "DESCRIPTION:of the mail",
  ]);
});

test("HTML is in the internet code page", () => {
  const octets = request(binary(tag(0x1013), hex("cff0e8")), int32(tag(0x3fde), 1251));
  assert.deepEqual(linesOf(octets, ["DESCRIPTION"]), ["DESCRIPTION:При"]);
});
