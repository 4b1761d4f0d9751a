import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startImap } from "./imap-fixture.ts";
import { MailboxModel } from "./mailbox-model.ts";

/** Rounds in which all clients say something at once; `ROUNDS=1000 node --test …` searches longer. */
const ROUNDS = Number(process.env.ROUNDS ?? 60);

const FLAGS = ["\\Seen", "\\Flagged", "\\Deleted", "\\Answered", "$Label1", "work"];

type Random = (below: number) => number;

/** The same choices every time, for a seed that is told when the test fails. */
function createRandom(t: TestContext): Random {
  let state = Number(process.env.SEED ?? 1);
  t.diagnostic(`SEED=${state}`);
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** A command that makes sense to a client which knows so many messages. */
function randomCommand(random: Random, { count }: MailboxModel): string {
  const pick = <T>(choices: readonly T[]): T => choices[random(choices.length)] as T;
  const number = () => (count === 0 ? 1 : 1 + random(count));
  const uid = () => 1 + random(80);
  const text = `Subject: ${random(1000)}\r\n\r\ntext\r\n`;
  const append = `APPEND INBOX (${random(2) ? pick(FLAGS) : ""}) {${text.length}+}\r\n${text}`;
  const always = [append, "NOOP", "EXPUNGE", `UID EXPUNGE ${uid()}:*`, "CHECK", "UID SEARCH ALL"];
  const others = [
    `UID STORE ${uid()}:${uid()} ${pick(["+", "-", ""])}FLAGS (${pick(FLAGS)})`,
    `UID STORE ${uid()}:* +FLAGS (${pick(FLAGS)})`,
    `UID FETCH ${uid()}:* (FLAGS)`,
    `UID COPY ${uid()} INBOX`,
    `UID MOVE ${uid()} INBOX`,
  ];
  const counted = [
    `STORE ${number()}:${number()} ${pick(["+", "-", ""])}FLAGS (${pick(FLAGS)})`,
    `STORE ${number()} +FLAGS (\\Deleted)`,
    `FETCH ${number()}:${number()} (UID FLAGS)`,
    `FETCH ${number()} (UID BODY[])`,
    `SEARCH ${number()}:* UNDELETED`,
    `COPY ${number()} INBOX`,
  ];
  return pick([...always, ...others, ...(count > 0 ? [...counted, ...counted] : [])]);
}

/** Asks for what it was not told. */
async function learn(model: MailboxModel): Promise<void> {
  const { unknown } = model;
  if (unknown.length > 0) await model.run(`FETCH ${unknown.join(",")} (UID FLAGS)`);
}

/** Lets the server tell everything. */
async function refresh(model: MailboxModel): Promise<void> {
  await model.run("NOOP");
  await learn(model);
}

test("clients that do everything at once know the same in the end, and are told nothing that cannot be", async (t) => {
  const random = createRandom(t);
  const imap = await startImap(t);
  const models: MailboxModel[] = [];
  for (const [name, enabled] of Object.entries({ plain: "", condstore: "CONDSTORE", qresync: "QRESYNC" })) {
    const client = await imap.login();
    if (enabled !== "") await client.ok(`ENABLE ${enabled}`);
    models.push(new MailboxModel(name, client));
  }
  for (const model of models) await model.run("SELECT INBOX");
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(
      models.map(async (model) => {
        await model.run(randomCommand(random, model));
        if (random(2) === 0) await learn(model);
      }),
    );
    if (round % 10 === 9) await compareWithTruth(models);
  }
  await compareWithTruth(models);
});

/** What each was told is what each is told who asks. */
async function compareWithTruth(models: readonly MailboxModel[]): Promise<void> {
  for (const model of models) await refresh(model);
  const told = models.map((model) => model.known);
  for (const model of models) if (model.count > 0) await model.run("FETCH 1:* (UID FLAGS)");
  for (const [at, model] of models.entries()) {
    assert.deepEqual(told[at], model.known, `${model.name} was not told everything`);
    assert.deepEqual(model.known, models[0]?.known);
  }
}

test("a client that comes back with QRESYNC knows what it would be told if it asked for all", async (t) => {
  const random = createRandom(t);
  const imap = await startImap(t);
  const [absent, busy] = [await imap.login(), await imap.login()];
  await absent.ok("ENABLE QRESYNC");
  await busy.ok("ENABLE QRESYNC");
  const [cache, other] = [new MailboxModel("absent", absent), new MailboxModel("busy", busy)];
  await other.run("SELECT INBOX");
  await cache.run("SELECT INBOX");
  for (let round = 0; round < ROUNDS; round++) {
    // It leaves at any time, perhaps before it was told of what is gone.
    if (random(2)) await cache.run(randomCommand(random, cache));
    if (random(2)) await learn(cache);
    await cache.run("UNSELECT");
    for (let count = random(6); count > 0; count--) await other.run(randomCommand(random, other));
    cache.forgetNumbers();
    const known = cache.modSeq > 0 ? ` (QRESYNC (${cache.uidValidity} ${cache.modSeq}))` : "";
    const answer = await cache.run(`SELECT INBOX${known}`);
    assert.match(answer, /^OK/);
    const remembered = [...cache.flags].sort(([one], [two]) => one - two);
    await refresh(cache);
    if (cache.count > 0) await cache.run("FETCH 1:* (UID FLAGS)");
    const truth = new Map(cache.known);
    for (const [uid, flags] of remembered) assert.equal(flags, truth.get(uid), `${uid} in round ${round}`);
  }
});
