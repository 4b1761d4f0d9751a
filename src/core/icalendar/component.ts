/** One content line, decoded (RFC 5545 §3.1). */
export interface Property {
  /** Upper case: `DTSTART`. */
  readonly name: string;
  /** Names in upper case, values without quotes and RFC 6868 carets. */
  readonly parameters: ReadonlyMap<string, string>;
  /** TEXT unescaped; every other type exactly as written. Lists (`EXDATE`, `CATEGORIES`) are split. */
  readonly values: readonly string[];
}

/** A VCALENDAR, VEVENT, VTIMEZONE or any other component, with what stands inside it (RFC 5545 §3.6). */
export interface Component {
  /** Upper case: `VEVENT`. */
  readonly name: string;
  readonly properties: readonly Property[];
  readonly components: readonly Component[];
}

/** The first property of that name, if there is one. */
export function findProperty(component: Component, name: string): Property | undefined {
  return component.properties.find((property) => property.name === name);
}

/** The first value of the first property of that name, if there is one. */
export function findValue(component: Component, name: string): string | undefined {
  return findProperty(component, name)?.values[0];
}
