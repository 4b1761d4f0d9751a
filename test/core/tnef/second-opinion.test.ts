import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import {
  type Component,
  findProperty,
  findValue,
  findZone,
  parseTime,
  resolveZone,
} from "../../../src/core/icalendar/icalendar.ts";
import { readTnef, type TnefMessage } from "../../../src/core/tnef/tnef.ts";
import { skipWithout } from "../../installed-programs.ts";
import { corpusSamples, readSample } from "./corpus.ts";

/** Other readers, from Debian's `tnef` and `ytnef-tools`, used where they are installed. */
const withoutTnef = skipWithout("tnef");
const withoutYtnef = skipWithout("ytnef");

const FIXTURES = resolve(import.meta.dirname, "../../../fixtures/tnef");

/** Runs a reader on the octets in a folder of its own and gives back the files it leaves there. */
function extract(
  octets: Uint8Array,
  command: string,
  args: (folder: string, file: string) => string[],
): Map<string, Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "tnef-"));
  try {
    const file = join(folder, "winmail.dat");
    writeFileSync(file, octets);
    spawnSync(command, args(folder, file), { timeout: 10_000 });
    // Names may be in any charset, as in the stream.
    const names = readdirSync(folder, { encoding: "buffer" });
    const contents = names.map((name) => {
      const path = Buffer.concat([Buffer.from(`${folder}/`), name]);
      return [name.toString("latin1"), readFileSync(path)] as const;
    });
    return new Map(contents.filter(([name]) => name !== "winmail.dat"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const fixtures = readdirSync(FIXTURES)
  .filter((file) => file.endsWith(".dat"))
  .map((file) => ({ file, octets: readFileSync(join(FIXTURES, file)) }));

const samples = [...fixtures, ...corpusSamples().map((file) => ({ file, octets: readSample(file) }))];

/** Where `tnef` does not find what we find. */
const TNEF_MISSES: Readonly<Record<string, string>> = {
  "malformed/panic.tnef": "tnef gives up at the damage and drops the attachment before it",
  "ordinary/MAPI_OBJECT.tnef": "tnef does not extract OLE objects",
  "ordinary/winmail-ole-pictures.tnef": "tnef does not extract OLE objects",
};

for (const { file, octets } of samples) {
  const reason = withoutTnef || TNEF_MISSES[file];
  test(`tnef finds the attachments of ${file}`, { skip: reason ?? false }, () => {
    const { attachments } = readTnef(octets).value;
    const files = extract(octets, "tnef", (folder, from) => [
      "-K",
      "--number-backups",
      "-C",
      folder,
      "-f",
      from,
    ]);
    const theirs = new Set([...files.values()].map(sha256));
    for (const { fileName, content } of attachments) assert.ok(theirs.has(sha256(content)), fileName);
  });
}

/** ytnef knows neither zones nor exceptions, and takes the 1st of a month for the last of the one before. */
const YTNEF_REQUESTS = ["request-in-zone", "series-with-exceptions", "moved-occurrence"] as const;

for (const name of YTNEF_REQUESTS) {
  test(`ytnef reads the times of ${name} as we do`, { skip: withoutYtnef }, () => {
    const octets = readFileSync(join(FIXTURES, `${name}.dat`));
    const files = extract(octets, "ytnef", (folder, from) => ["-f", folder, from]);
    const theirs = files.get("MtgReq.ics")?.toString() ?? "";
    const ours = readTnef(octets).value;
    for (const property of ["DTSTART", "DTEND"]) {
      const [, time = ""] = new RegExp(`^${property}:(.*)$`, "m").exec(theirs) ?? [];
      assert.equal(instantOf(ours, property), parsedInstant(time), property);
    }
    for (const property of ["SEQUENCE", "LOCATION"]) {
      const [, value] = new RegExp(`^${property}: ?(.*?)\r?$`, "m").exec(theirs) ?? [];
      assert.equal(findValue(firstEvent(ours), property), value, property);
    }
  });
}

function firstEvent({ calendar }: TnefMessage): Component {
  const event = calendar?.components.find(({ name }) => name === "VEVENT");
  assert.ok(event);
  return event;
}

function instantOf(message: TnefMessage, name: string): number | undefined {
  const property = findProperty(firstEvent(message), name);
  const time = parseTime(property?.values[0] ?? "");
  const tzid = property?.parameters.get("TZID");
  if (time?.kind !== "date-time" || tzid === undefined) return undefined;
  const definition = message.calendar?.components.find((component) => findValue(component, "TZID") === tzid);
  const { zone } = resolveZone(tzid, { definition, at: time.wall, defaultZone: "UTC" });
  return findZone(zone, {}).toInstant(time.wall);
}

function parsedInstant(text: string): number | undefined {
  const time = parseTime(text);
  return time?.kind === "date-time" && time.utc ? time.wall : undefined;
}

function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}
