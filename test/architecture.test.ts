import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

/** The map of the house: each room and the rooms whose doors it may open. */
const MAP: Readonly<Record<string, readonly string[]>> = {
  app: [
    "secretary",
    "servers/net",
    "servers/smtp",
    "servers/imap",
    "servers/web",
    "storage/atomic-file",
    "storage/maildir",
    "storage/agenda-db",
    "storage/feed-file",
    "storage/folder-lock",
    "storage/greylist-db",
    "storage/held-octets",
    "storage/secret-file",
    "storage/mail-source",
    "storage/tls-files",
    "core/calendar",
    "core/icalendar",
    "core/payloads",
    "core/mime",
    "core/imap",
    "core/greylist",
  ],
  secretary: [
    "storage/atomic-file",
    "storage/maildir",
    "storage/agenda-db",
    "storage/feed-file",
    "core/calendar",
    "core/icalendar",
    "core/payloads",
    "core/tnef",
  ],
  "servers/net": ["core/scram"],
  "servers/smtp": ["servers/net"],
  "servers/imap": ["servers/net", "core/imap", "core/mime", "core/scram", "storage/maildir"],
  "servers/web": ["servers/net"],
  "storage/atomic-file": [],
  "storage/maildir": ["storage/atomic-file"],
  "storage/agenda-db": [],
  "storage/mail-source": ["storage/atomic-file"],
  "storage/feed-file": ["storage/atomic-file"],
  "storage/greylist-db": ["storage/atomic-file", "core/greylist"],
  "storage/folder-lock": [],
  "storage/held-octets": [],
  "storage/secret-file": ["storage/atomic-file"],
  "storage/tls-files": ["storage/atomic-file"],
  "core/calendar": ["core/html", "core/icalendar"],
  "core/html": [],
  "core/icalendar": [],
  "core/payloads": ["core/calendar", "core/icalendar", "core/mime", "core/tnef"],
  "core/tnef": ["core/html", "core/icalendar"],
  "core/mime": ["core/html"],
  "core/imap": ["core/mime"],
  "core/scram": [],
  "core/greylist": [],
};

/** What each layer may take from Node. `core` may hash and decode; it may not reach the world. */
const NODE_MODULES_OF_CORE = new Set(["node:buffer", "node:crypto", "node:util"]);
const ONLY_IN_STORAGE = new Set(["node:fs", "node:fs/promises", "node:sqlite"]);
const ONLY_IN_SERVERS = new Set(["node:net", "node:tls", "node:http", "node:https", "node:dgram"]);
const FORBIDDEN_IN_CORE = [
  /\bnew Date\(\s*\)/,
  /\bDate\.now\b/,
  /\bMath\.random\b/,
  /\bperformance\.now\b/,
  /\bprocess\.(?!versions\b)/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  /\bconsole\./,
  /\brandom(?:Bytes|UUID|Int)\b/,
  /\bfetch\(/,
];

const TOP_LEVEL =
  /^(src|fixtures|test|docs|Dockerfile|package\.json|package-lock\.json|tsconfig\.json|README\.md|LICENSE|\..*)$/;

const root = resolve(import.meta.dirname, "..");
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `src/${name}`);

function roomOf(file: string): string {
  const room = relative("src", dirname(file));
  return room === "" ? "main" : room;
}

/** Specifiers of static, re-exporting and dynamic imports; comments do not count. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  return [
    ...code.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^;]*?from\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|(?:^|\n)\s*import\s+"([^"]+)"/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

test("every file of src is in a room of the map", () => {
  for (const file of sources) {
    const room = roomOf(file);
    if (room === "main") assert.equal(file, "src/main.ts");
    else assert.ok(room in MAP, `${file} is in no room of the map`);
  }
});

test("rooms import only what the map allows, and only through doors", () => {
  for (const file of sources) {
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith(".")) continue;
      const target = relative(root, resolve(root, dirname(file), specifier));
      const [from, to] = [roomOf(file), roomOf(target)];
      if (from === to) continue;
      if (from === "main") {
        assert.equal(target, "src/app/app.ts", `${file} imports ${target}`);
        continue;
      }
      assert.ok(MAP[from]?.includes(to), `${file}: "${from}" may not import "${to}"`);
      assert.equal(
        basename(target),
        `${basename(to)}.ts`,
        `${file} imports "${target}" past the door of "${to}"`,
      );
    }
  }
});

test("disk is touched in storage only, sockets in servers only, and core touches nothing", () => {
  for (const file of sources) {
    const room = roomOf(file);
    for (const specifier of importsOf(file)) {
      if (ONLY_IN_STORAGE.has(specifier)) assert.match(room, /^storage\//, `${file} imports ${specifier}`);
      if (ONLY_IN_SERVERS.has(specifier)) assert.match(room, /^servers\//, `${file} imports ${specifier}`);
      if (room.startsWith("core/") && specifier.startsWith("node:")) {
        assert.ok(NODE_MODULES_OF_CORE.has(specifier), `${file} imports ${specifier}`);
      }
    }
    if (!room.startsWith("core/")) continue;
    const code = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    for (const forbidden of FORBIDDEN_IN_CORE) assert.doesNotMatch(code, forbidden, file);
  }
});

test("the environment is read in app/config.ts, and the process ends in main.ts", () => {
  for (const file of sources) {
    const code = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    if (file !== "src/app/config.ts") assert.doesNotMatch(code, /\bprocess\.env\b/, file);
    if (file !== "src/main.ts") assert.doesNotMatch(code, /\bprocess\.exit\b/, file);
  }
});

test("file names are unique but for doors, and nothing is called utils", () => {
  const seen = new Map<string, string>();
  for (const file of sources) {
    const name = basename(file);
    assert.doesNotMatch(name, /^(utils?|helpers?|common|misc|manager|index)\.ts$/, file);
    // A door has its room's name, and core/imap and servers/imap are both about IMAP.
    if (name === `${basename(dirname(file))}.ts`) continue;
    assert.equal(seen.get(name), undefined, `${file} has the name of ${seen.get(name)}`);
    seen.set(name, file);
  }
});

test("every room has its door", () => {
  for (const room of new Set(sources.map(roomOf))) {
    if (room !== "main") assert.ok(statSync(join(root, "src", room, `${basename(room)}.ts`)).isFile(), room);
  }
});

test("nothing stray at the top level", () => {
  const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
  for (const entry of new Set(tracked.map((file) => file.split("/")[0] ?? "")))
    assert.match(entry, TOP_LEVEL);
});

test("Node is version 24 or later", () => {
  assert.ok(
    Number(process.versions.node.split(".")[0]) >= 24,
    `this is Node ${process.versions.node}; use "npm test"`,
  );
});
