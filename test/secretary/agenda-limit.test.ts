import assert from "node:assert/strict";
import { test } from "node:test";
import { CE, E } from "../calendar/case-mails.ts";
import { outcomeText, SecretaryDesk } from "../calendar/secretary-desk.ts";

const MAX_LIVE_GROUPS = 100_000;

test("the agenda takes 100,000 live UIDs and no more, but changes to those it knows", async () => {
  const desk = new SecretaryDesk({ liveGroups: MAX_LIVE_GROUPS - 1 });
  const told = async (mail: ReturnType<typeof E>) =>
    (await desk.deliver(mail)).map(({ outcome }) => outcomeText(outcome)).join();
  assert.equal(await told(E(0, 0)), "added new");
  assert.equal(await told(E(0, 0, { UID: ":one-too-many" })), "error too-many");
  assert.equal(await told(E(1, 1)), "updated newer");
  assert.equal(await told(CE(2, 2)), "cancelled series");
  assert.equal(await told(E(0, 0, { UID: ":now-there-is-room" })), "added new");
  desk.close();
});
