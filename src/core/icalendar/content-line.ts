import ICAL from "ical.js";
import type { Property } from "./component.ts";

/** Surplus parameters and values are dropped: libical allows 100 and 500, real mails have under 20. */
const MAX_PARAMETERS = 50;
const MAX_VALUES = 1_000;

/** ical.js shows a property as jCal: name, parameters, type, values (RFC 7265 §3.4). */
type JcalProperty = [string, Record<string, string | string[]>, string, ...unknown[]];
type ParseProperty = (line: string, designSet: object) => JcalProperty;

/**
 * What ical.js shall know of properties: nothing of most, so that it hands their values over as they were sent. Its
 * readers of dates and rules rewrite or reject what we want to see; only TEXT and lists are decoded.
 */
const TEXT = { defaultType: "text" };
const TEXT_LIST = { defaultType: "text", multiValue: "," };
const LIST = { defaultType: "unknown", multiValue: "," };
/** X-ALT-DESC is HTML, but Outlook escapes it like TEXT. */
const TEXTS = ["comment", "contact", "description", "location", "name", "summary", "uid"];
const OTHER_TEXTS = ["x-alt-desc", "x-wr-calname"];
const DESIGN = {
  value: withoutPrototype({ text: ICAL.design.icalendar.value.text }),
  param: withoutPrototype({}),
  property: withoutPrototype({
    ...Object.fromEntries([...TEXTS, ...OTHER_TEXTS].map((name) => [name, TEXT])),
    categories: TEXT_LIST,
    resources: TEXT_LIST,
    exdate: LIST,
    rdate: LIST,
  }),
};

// So that a property named CONSTRUCTOR is just an unknown property.
function withoutPrototype(entries: object): object {
  return Object.assign(Object.create(null), entries);
}

/**
 * Reads one unfolded content line, e.g. `DTSTART;TZID=Europe/Berlin:20260310T100000`.
 * @returns nothing when the line does not follow the grammar of RFC 5545 §3.1.
 */
export function parseContentLine(line: string): Property | undefined {
  const name = /^[A-Za-z0-9-]+/.exec(line)?.[0];
  if (name === undefined) return undefined;
  let jcal: JcalProperty;
  try {
    jcal = (ICAL.parse.property as unknown as ParseProperty)(line, DESIGN);
  } catch {
    return undefined; // ParserError, or a TypeError of ical.js on odd input: either way no property
  }
  const [, parameters, type, ...values] = jcal;
  return {
    name: name.toUpperCase(),
    parameters: parametersOf(parameters, type),
    values: values.slice(0, MAX_VALUES).map(String),
  };
}

/** ical.js moves VALUE from the parameters to the type; here it is a parameter again. */
function parametersOf(parameters: Record<string, string | string[]>, type: string): Map<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of Object.entries(parameters).slice(0, MAX_PARAMETERS)) {
    result.set(name.toUpperCase(), Array.isArray(value) ? value.join(",") : value);
  }
  if (type !== "unknown" && type !== "text") result.set("VALUE", type.toUpperCase());
  return result;
}
