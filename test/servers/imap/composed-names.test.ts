import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { decodeMailboxName } from "../../../src/core/imap/imap.ts";
import { encodeUtf8 } from "../../../src/core/mime/mime.ts";
import { startImap } from "./imap-fixture.ts";

const MESSAGE = "Subject: x\r\n\r\nx\r\n";

/** As a client writes the text, and as its folder is called. */
const written = (text: string): string => `"${encodeUtf8(text)}"`;
const folderOf = (text: string): string => `.${decodeMailboxName(encodeUtf8(text), "utf-8")}`;

const DECOMPOSED = "Gru\u0308n";
const COMPOSED = "Grün";

test("a mailbox whose name another program did not compose is reached under the name that is listed", async (t) => {
  const imap = await startImap(t);
  await mkdir(join(imap.folder, folderOf(DECOMPOSED), "cur"), { recursive: true });
  await mkdir(join(imap.folder, folderOf(DECOMPOSED), "new"));
  await mkdir(join(imap.folder, folderOf(DECOMPOSED), "tmp"));
  const client = await imap.login();
  await client.ok("ENABLE IMAP4rev2");
  const name = written(DECOMPOSED);
  assert.deepEqual(await client.ok('LIST "" "G*"'), [`LIST (\\HasNoChildren) "." ${name}`]);
  await client.append(name, MESSAGE);
  await client.ok(`SELECT ${name}`);
  await client.ok(`COPY 1 ${name}`);
  assert.deepEqual(await client.ok(`STATUS ${name} (MESSAGES)`), [`STATUS ${name} (MESSAGES 2)`]);
  await client.ok(`SUBSCRIBE ${name}`);
  assert.equal((await client.ok('LIST (SUBSCRIBED) "" "G*"')).length, 1);
  await client.ok(`UNSUBSCRIBE ${name}`);
  assert.match((await client.run(`CREATE ${name}`)).at(-1) ?? "", /^NO \[ALREADYEXISTS\]/);
  await client.ok(`CREATE ${written(`${DECOMPOSED}.${DECOMPOSED}`)}`);
  await client.ok(`RENAME ${name} Green`);
  assert.match((await client.run(`SELECT ${name}`)).at(-1) ?? "", /^NO \[NONEXISTENT\]/);
  assert.deepEqual((await readdir(imap.folder)).filter((entry) => entry.startsWith(".G")).sort(), [
    ".Green",
    `.Green${folderOf(COMPOSED)}`,
  ]);
});

test("the names of mailboxes that clients make are composed, and meant by both forms (RFC 9051 §5.1)", async (t) => {
  const imap = await startImap(t);
  const client = await imap.login();
  await client.ok("ENABLE UTF8=ACCEPT");
  await client.ok(`CREATE ${written(DECOMPOSED)}`);
  assert.ok((await readdir(imap.folder)).includes(folderOf(COMPOSED)));
  for (const name of [DECOMPOSED, COMPOSED]) await client.ok(`SELECT ${written(name)}`);
  await client.ok(`DELETE ${written(DECOMPOSED)}`);
  assert.ok(!(await readdir(imap.folder)).includes(folderOf(COMPOSED)));
});
