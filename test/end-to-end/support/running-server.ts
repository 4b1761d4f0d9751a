import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { readConfig } from "../../../src/app/config.ts";
import { createLog } from "../../../src/app/log.ts";
import { type App, startApp } from "../../../src/app/server.ts";
import { REAL_WORLD, type World } from "../../../src/app/world.ts";
import { FeedClient } from "./feed-client.ts";
import { connectMail, type MailClient } from "./mail-client.ts";
import { atEnd, settingsFor } from "./test-settings.ts";

/** A line of the log: what is constant about it, and its fields. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The whole server in this process, as `serve` starts it. */
export interface RunningServer {
  readonly app: App;
  readonly mail: MailClient;
  readonly feed: FeedClient;
  readonly log: readonly LogLine[];
  /** Stops it before the test ends. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly world?: Partial<World>;
  /** The test causes errors in the log. */
  readonly mayFail?: boolean;
}

/** Starts the server on a folder, and stops it when the test ends. An error in its log fails the test. */
export async function startServer(
  t: TestContext,
  folder: string,
  { settings = {}, world = {}, mayFail = false }: ServerOptions = {},
): Promise<RunningServer> {
  const reading = readConfig(() => "", settingsFor(folder, settings));
  assert.ok(reading.ok);
  const lines: LogLine[] = [];
  const log = createLog({
    debug: false,
    format: "json",
    write: (line) => lines.push(JSON.parse(line) as LogLine),
  });
  const app = await startApp(reading.config, { log, world: { ...REAL_WORLD, ...world } });
  const mail = connectMail(app.addresses.smtp.port);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    mail.close();
    stopping ??= app.stop();
    return stopping;
  };
  atEnd(t, async () => {
    await stop();
    const errors = lines.filter(({ level }) => level === "error");
    if (!mayFail) assert.deepEqual(errors, []);
  });
  return { app, mail, feed: new FeedClient(app.addresses.web?.port ?? 0), log: lines, stop };
}
