import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { realpathSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { messageFiles } from "../end-to-end/support/mail-on-disk.ts";
import { atEnd, ownFolder } from "../end-to-end/support/test-settings.ts";

const main = resolve(import.meta.dirname, "../../src/main.ts");

/**
 * Runs the trial until it has printed all that it prints, does something beside it, and stops it.
 * @returns what it printed
 */
async function tryOut(t: TestContext, folder: string, beside = (): void => undefined): Promise<string> {
  const child = spawn(process.execPath, [main, "local"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
  });
  atEnd(t, () => void child.kill("SIGKILL"));
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (!printed.includes("Stop with Ctrl-C.")) continue;
    beside();
    child.kill("SIGINT");
  }
  if (child.exitCode === null) await once(child, "exit");
  assert.equal(child.exitCode, 0, printed);
  return printed;
}

test("local mails its samples at the first start in a folder, and not again when they were removed", async (t) => {
  const folder = ownFolder(t);
  const first = await tryOut(t, folder);
  assert.match(first, /\nIn the calendar now:\n {2}\S/);
  const data = join(folder, "data");
  const samples = messageFiles(data, "Secretary");
  assert.ok(samples.length > 1);
  for (const path of samples) rmSync(path);
  const second = await tryOut(t, folder);
  assert.deepEqual(messageFiles(data, "Secretary"), []);
  assert.match(second, /\nIn the calendar now:\n\n/);
  assert.equal(/password (\S+)/.exec(second)?.[1], /password (\S+)/.exec(first)?.[1]);
});

test("a second local beside the first says that, and nothing of ports", async (t) => {
  const folder = ownFolder(t);
  const second = () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "local"], {
      cwd: folder,
      encoding: "utf8",
    });
    const data = realpathSync(join(folder, "data"));
    const why = `Cannot start: another Secretary works with "${data}"; stop it first\n`;
    assert.deepEqual([status, stdout, stderr], [1, "", why]);
  };
  await tryOut(t, folder, second);
});
