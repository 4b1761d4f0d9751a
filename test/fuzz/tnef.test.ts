import assert from "node:assert/strict";
import { test } from "node:test";
import { runTnefFuzz } from "./tnef.ts";

const MILLISECONDS = 1000;

test("readTnef survives damaged streams", async (context) => {
  const seed = Number(process.env.FUZZ_SEED ?? 1);
  context.diagnostic(`seed ${seed}`);
  const inputs = await runTnefFuzz({ seed, milliseconds: MILLISECONDS });
  context.diagnostic(`${inputs} inputs`);
  assert.ok(inputs > 0);
});
