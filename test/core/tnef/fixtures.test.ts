import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { readTnef } from "../../../src/core/tnef/tnef.ts";
import { describeParsed } from "./content-lines.ts";

const folder = resolve(import.meta.dirname, "../../../fixtures/tnef");

for (const name of readdirSync(folder).filter((file) => file.endsWith(".dat"))) {
  test(`fixtures/tnef/${name} is what its JSON says`, () => {
    const expected: unknown = JSON.parse(readFileSync(join(folder, name.replace(/dat$/, "json")), "utf8"));
    assert.deepEqual(describeParsed(readTnef(readFileSync(join(folder, name)))), expected);
  });
}
