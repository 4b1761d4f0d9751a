import assert from "node:assert/strict";
import { test } from "node:test";
import { runImapFuzz } from "./imap-grammar.ts";
import { runMimeFuzz } from "./mime.ts";

const MILLISECONDS = 750;

for (const [name, run] of Object.entries({ "core/mime": runMimeFuzz, "core/imap": runImapFuzz })) {
  test(`${name} survives damaged octets`, async (context) => {
    const seed = Number(process.env.FUZZ_SEED ?? 1);
    context.diagnostic(`seed ${seed}`);
    const inputs = await run({ seed, milliseconds: MILLISECONDS });
    context.diagnostic(`${inputs} inputs`);
    assert.ok(inputs > 0);
  });
}
