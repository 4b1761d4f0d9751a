import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHelp, parseCommandLine } from "../../src/app/command-line.ts";

const UNDERSTOOD: readonly (readonly [argv: string, expected: object])[] = [
  ["serve", { kind: "invocation", invocation: { command: "serve" } }],
  ["check", { kind: "invocation", invocation: { command: "check" } }],
  [
    "ingest a.eml",
    { kind: "invocation", invocation: { command: "ingest", files: ["a.eml"], dryRun: false } },
  ],
  [
    "--dry-run ingest a.eml b",
    { kind: "invocation", invocation: { command: "ingest", files: ["a.eml", "b"], dryRun: true } },
  ],
  [
    "ingest --dry-run -- --help -",
    { kind: "invocation", invocation: { command: "ingest", files: ["--help", "-"], dryRun: true } },
  ],
  [
    "explain <1@example.org>",
    { kind: "invocation", invocation: { command: "explain", subject: "<1@example.org>" } },
  ],
  [
    "explain Budget review",
    { kind: "invocation", invocation: { command: "explain", subject: "Budget review" } },
  ],
  ["--help", { kind: "help", command: undefined }],
  ["-h check", { kind: "help", command: "check" }],
  ["ingest --help", { kind: "help", command: "ingest" }],
  ["-V", { kind: "version" }],
  ["explain --version", { kind: "version" }],
];

for (const [argv, expected] of UNDERSTOOD) {
  test(`parseCommandLine understands "${argv}"`, () => {
    assert.deepEqual(parseCommandLine(argv.split(" ")), expected);
  });
}

const MISTAKES: readonly (readonly [argv: string, message: string])[] = [
  ["", "Name a command"],
  ["--dry-run", "Name a command"],
  ["chek", 'Unknown command "chek": did you mean "check"?'],
  ["Serve", 'Unknown command "Serve": did you mean "serve"?'],
  ["check --frce", 'Unknown option "--frce"'],
  ["check -f", 'Unknown option "-f"'],
  ["check --help=yes", "Option --help takes no value"],
  ["check --dry-run", 'Command "check" has no option --dry-run'],
  ["check now", 'Command "check" takes no arguments'],
  ["ingest", 'Name a file after "ingest"'],
  ["explain", 'Name a title, a day, a UID or a Message-ID after "explain"'],
  ["check --__proto__", 'Unknown option "--__proto__"'],
];

for (const [argv, message] of MISTAKES) {
  test(`parseCommandLine says what is wrong with "${argv}"`, () => {
    assert.deepEqual(parseCommandLine(argv.split(" ").filter(Boolean)), { kind: "mistake", message });
  });
}

test("formatHelp lists the commands that are there, in lines that fit a terminal", () => {
  const help = formatHelp(undefined, ["check", "ingest"]);
  assert.match(help, /^ {2}check {21}Check the settings/m);
  assert.match(help, /^ {2}ingest FILE… \[--dry-run\] /m);
  assert.doesNotMatch(help, /rebuild/);
  for (const line of help.split("\n")) assert.ok(line.length <= 100, line);
});
