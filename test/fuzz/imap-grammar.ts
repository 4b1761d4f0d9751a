import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CommandReader, parseCommand } from "../../src/core/imap/imap.ts";
import { fromOctetString } from "../../src/core/mime/mime.ts";
import { parseImapDialog } from "../dialogs/imap-dialog.ts";
import { damage, type FuzzRun, fuzz } from "./damage.ts";

const DIALOGS = resolve(import.meta.dirname, "../../fixtures/dialogs/imap");
const MAX_COMMAND_OCTETS = 500;
const MAX_MILLISECONDS_PER_INPUT = 1000;

/**
 * Reads damaged commands of the dialogs for a while and checks what must hold for any octets: no exception,
 * no hang, the same commands however the octets are cut, none longer than allowed.
 */
export function runImapFuzz(run: FuzzRun): Promise<number> {
  const samples = readdirSync(DIALOGS).map((file) => {
    const { steps } = parseImapDialog(readFileSync(join(DIALOGS, file), "latin1"));
    return fromOctetString(steps.map((step) => (step.do === "send" ? step.octets : "")).join(""));
  });
  return fuzz(run, (random) => damage(samples, random), check);
}

function check(input: Uint8Array): void {
  const started = performance.now();
  const commands = readCommands([input]);
  assert.deepEqual(readCommands(Array.from(input, (octet) => Uint8Array.of(octet))), commands);
  for (const command of commands) {
    assert.ok(command.length <= MAX_COMMAND_OCTETS);
    for (const form of ["utf-7", "utf-8"] as const) {
      const parsed = parseCommand(command, form);
      if (!parsed.ok) assert.ok(parsed.problem.offset >= 0 && parsed.problem.offset <= command.length);
    }
  }
  assert.ok(performance.now() - started < MAX_MILLISECONDS_PER_INPUT, "too slow");
}

function readCommands(pieces: readonly Uint8Array[]): string[] {
  const reader = new CommandReader({ maxCommandOctets: MAX_COMMAND_OCTETS });
  const commands: string[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let incoming = reader.next(); incoming !== undefined; incoming = reader.next()) {
      if ("text" in incoming) commands.push(incoming.text);
      if (incoming.kind === "message-announced") {
        if (incoming.octets % 2 === 0) reader.acceptMessage();
        else reader.refuseMessage();
      }
    }
  }
  return commands;
}
