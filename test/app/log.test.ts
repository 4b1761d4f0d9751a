import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { createLog, type LogOptions } from "../../src/app/log.ts";

function logTo(options: Pick<LogOptions, "debug" | "format">) {
  const lines: string[] = [];
  return { log: createLog({ ...options, write: (line) => lines.push(line) }), lines };
}

test("createLog writes an event as one line of JSON", () => {
  const { log, lines } = logTo({ debug: false, format: "json" });
  log.info({ peer: "192.0.2.1", octets: 12 }, "Message accepted");
  const { time, ...event } = JSON.parse(lines.join(""));
  assert.deepEqual(event, { level: "info", peer: "192.0.2.1", octets: 12, msg: "Message accepted" });
  assert.equal(new Date(time).toISOString(), time);
});

test("createLog writes protocol lines only when debugging", () => {
  for (const debug of [false, true]) {
    const { log, lines } = logTo({ debug, format: "json" });
    log.debug({ line: "EHLO" }, "Received");
    assert.equal(lines.length, debug ? 1 : 0);
  }
});

test("createLog blots out passwords and mail by the names of their fields", () => {
  for (const format of ["json", "lines"] as const) {
    const { log, lines } = logTo({ debug: true, format });
    log.warn(
      { password: "marlin", login: { pass: "marlin" }, request: { authorization: "marlin" } },
      "Login",
    );
    log.debug({ body: "marlin", message: { content: "marlin", raw: "marlin" } }, "Stored");
    assert.doesNotMatch(lines.join(""), /marlin/);
    assert.match(lines.join(""), /redacted/);
  }
});

test("createLog for people writes time, level, message and fields, then the stack of an error", () => {
  const { log, lines } = logTo({ debug: false, format: "lines" });
  log.warn({ peer: "192.0.2.1", subject: "two words", count: 3 }, "Message held");
  log.error({ err: new Error("Cannot store", { cause: new Error("no space") }) }, "Delivery failed");
  const [held = "", failed = ""] = lines;
  assert.match(
    held,
    /^\d\d:\d\d:\d\dZ warn {2}Message held peer=192\.0\.2\.1 subject="two words" count=3\n$/,
  );
  assert.match(failed, /^\d\d:\d\d:\d\dZ error Delivery failed\n {4}Error: Cannot store\n/);
  assert.match(failed, /no space/);
});

test("createLog for people lets nothing foreign begin a line or steer the terminal", () => {
  const { log, lines } = logTo({ debug: false, format: "lines" });
  log.info(
    { helo: "a\n12:00:00 info fake", from: "\u009b2J", err: new Error("\u001b[31m") },
    "Hello \r\u001b]0;x",
  );
  const [text = ""] = lines;
  assert.doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}/u);
  assert.equal(text.split("\n").filter((line) => !line.startsWith("    ")).length, 2);
});

test("createLog writes to the standard output also what is logged just before the process ends", async () => {
  const program = `
    const { createLog } = await import(${JSON.stringify(import.meta.resolve("../../src/app/log.ts"))});
    const log = createLog({ debug: false, format: "json" });
    for (let n = 0; n < 1000; n++) log.info({ n }, "Line");
    setTimeout(() => {
      log.info({}, "Second to last");
      setImmediate(() => {
        log.info({}, "Last");
        if (process.env.END === "exit") process.exit();
        throw new Error("A bug");
      });
    });
  `;
  for (const end of ["exit", "crash"]) {
    const env = { ...process.env, END: end };
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { env });
    const messages = String(stdout)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).msg);
    assert.deepEqual(messages, [...Array<string>(1000).fill("Line"), "Second to last", "Last"], end);
  }
});
