import assert from "node:assert/strict";
import { test } from "node:test";
import { runOutlookFuzz } from "./outlook.ts";

const MILLISECONDS = 1000;

test("damaged winmail.dat files never make a bad feed", async (context) => {
  const seed = Number(process.env.FUZZ_SEED ?? 1);
  context.diagnostic(`seed ${seed}`);
  const inputs = await runOutlookFuzz({ seed, milliseconds: MILLISECONDS });
  context.diagnostic(`${inputs} inputs`);
  assert.ok(inputs > 0);
});
