import assert from "node:assert/strict";
import { test } from "node:test";
import { runCalendarFuzz } from "./calendar-fuzz.ts";

const MILLISECONDS = 1_500;

test("damaged mails never crash, hang or harm the feed", async (context) => {
  const seed = Number(process.env.FUZZ_SEED ?? 1);
  context.diagnostic(`seed ${seed}`);
  const milliseconds = Number(process.env.FUZZ_MILLISECONDS ?? MILLISECONDS);
  const messages = await runCalendarFuzz({ seed, milliseconds });
  context.diagnostic(`${messages} messages`);
  assert.ok(messages > 0);
});
