import { test } from "node:test";
import { playCase } from "./cases.ts";
import { FEED_CASES } from "./feed-cases.ts";
import { FINDING_CASES } from "./finding-cases.ts";
import { GUARD_CASES } from "./guard-cases.ts";
import { HOSTILE_CASES } from "./hostile-cases.ts";
import { MERGING_CASES } from "./merging-cases.ts";
import { NORMALISING_CASES } from "./normalising-cases.ts";
import { SERIES_CASES } from "./series-cases.ts";

const CASES = [
  ...FINDING_CASES,
  ...MERGING_CASES,
  ...GUARD_CASES,
  ...NORMALISING_CASES,
  ...SERIES_CASES,
  ...FEED_CASES,
  ...HOSTILE_CASES,
];

for (const one of CASES) test(`${one.id} ${one.name}`, () => playCase(one));
