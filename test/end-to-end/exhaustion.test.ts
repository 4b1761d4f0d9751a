import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { RawClient } from "../servers/smtp/raw-client.ts";
import { mailboxFolder } from "./support/mail-on-disk.ts";
import { type ProcessOptions, ServerProcess } from "./support/server-process.ts";

const run = promisify(execFile);

async function startServer(folder: string, options: ProcessOptions = {}): Promise<ServerProcess> {
  const server = new ServerProcess(folder, { settings: { WEBCAL_ENABLED: "false" }, ...options });
  await server.start();
  return server;
}

async function sendMail(client: RawClient, octets: number): Promise<string> {
  await client.begin();
  client.send(`Subject: x\r\n\r\n${`${"x".repeat(78)}\r\n`.repeat(octets / 80)}.\r\n`);
  return client.reply();
}

test("a full disk is 452, leaves nothing half-written, and is over when there is room again", async (t) => {
  const disk = await mkdtemp(join(tmpdir(), "full-disk-"));
  let server: ServerProcess | undefined;
  t.after(async () => {
    await server?.kill();
    await run("umount", [disk]).catch(() => undefined);
    await rm(disk, { recursive: true });
  });
  try {
    await run("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
  } catch {
    return t.skip("needs the right to mount a small disk");
  }
  server = await startServer(disk);
  const client = await RawClient.connectSecure(server.smtpPort);
  assert.match(await sendMail(client, 2_000_000), /^250 /);
  assert.match(await sendMail(client, 3_000_000), /^452 4\.3\.1 /);
  const maildir = mailboxFolder(disk, "INBOX");
  assert.deepEqual(await readdir(join(maildir, "tmp")), []);
  assert.match(await sendMail(client, 1_000), /^250 /, "small mail still has room");
  const [large = ""] = (await readdir(join(maildir, "new"))).filter((name) => name.includes(",S=2"));
  await rm(join(maildir, "new", large));
  assert.match(await sendMail(client, 3_000_000), /^250 /);
  client.destroy();
});

test("without a file descriptor left the server refuses what it must, and lives on", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "few-files-"));
  const server = await startServer(folder, { maxFiles: 96 });
  t.after(async () => {
    await server.kill();
    await rm(folder, { recursive: true });
  });
  const client = await RawClient.connectSecure(server.smtpPort);
  const crowd: Socket[] = [];
  for (let n = 0; n < 150; n++) {
    const socket = connect(server.smtpPort, "127.0.0.1").on("error", () => undefined);
    await Promise.race([once(socket, "connect"), once(socket, "close")]);
    crowd.push(socket);
  }
  assert.match(await sendMail(client, 1_000), /^(?:451 4\.3\.0|250) /);
  for (const socket of crowd) socket.destroy();
  let answer = "";
  // It learns of the closed sockets one after the other.
  for (let attempt = 0; attempt < 50 && !answer.startsWith("250"); attempt++) {
    answer = await sendMail(client, 1_000);
  }
  assert.match(answer, /^250 /);
  const newcomer = await RawClient.connectSecure(server.smtpPort);
  assert.match(await sendMail(newcomer, 1_000), /^250 /);
  newcomer.destroy();
  client.destroy();
});
