import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readSecretFile } from "../../../src/storage/secret-file/secret-file.ts";

const folder = mkdtempSync(join(tmpdir(), "secret-file-"));
after(() => rmSync(folder, { recursive: true }));

function fileWith(content: string | Uint8Array): string {
  const path = join(folder, "secret");
  writeFileSync(path, content);
  return path;
}

const TEXTS: readonly (readonly [content: string, secret: string])[] = [
  ["marlin", "marlin"],
  ["marlin\n", "marlin"],
  ["marlin\r\n", "marlin"],
  [" marlin \n\n", " marlin \n"],
  ["Thunfisch ü", "Thunfisch ü"],
  ["", ""],
];

for (const [content, secret] of TEXTS) {
  test(`readSecretFile reads ${JSON.stringify(content)} without its last line break only`, () => {
    assert.equal(readSecretFile(fileWith(content)), secret);
  });
}

test("readSecretFile says what is wrong with the file, and not what is in it", () => {
  assert.throws(
    () => readSecretFile(join(folder, "none")),
    /^Error: Cannot read ".*none": there is no such file$/,
  );
  mkdirSync(join(folder, "sub"));
  assert.throws(
    () => readSecretFile(join(folder, "sub")),
    /^Error: Cannot read ".*sub": it is a folder, name the file in it$/,
  );
  const latin1 = fileWith(Buffer.from("Thunfisch ü", "latin1"));
  assert.throws(() => readSecretFile(latin1), /^Error: Cannot read ".*": it is not UTF-8 text$/);
});
