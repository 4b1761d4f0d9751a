import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { PASSWORD_NAMES } from "../src/app/mail-password.ts";
import { SETTING_NAMES } from "../src/app/settings.ts";

const root = resolve(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

test("README has every setting in its tables, and no other", () => {
  const rows = readme.split("\n").filter((line) => /^\| `[A-Z]/.test(line));
  const names = rows.flatMap((row) =>
    [...(row.split(" | ")[0] ?? "").matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
  );
  const expected = [...SETTING_NAMES, ...PASSWORD_NAMES].filter((name) => name !== "TZ"); // the platform's
  assert.deepEqual(names.sort(), expected.sort());
});

test("README names every room", () => {
  for (const layer of ["servers", "storage", "core"]) {
    const line = readme.split("\n").find((each) => each.includes(`src/${layer}/`)) ?? "";
    for (const room of readdirSync(join(root, "src", layer))) {
      assert.ok(line.split(/[\s:]+/).includes(room), `${layer}/${room} is not in the README`);
    }
  }
});

test("README is short enough to be read", () => {
  assert.ok(readme.split("\n").length <= 200);
});
