/** A month of some calendar, in days since 1970-01-01. */
export interface CalendarMonth {
  readonly year: number;
  /** As RFC 7529 §4.2 numbers them: `5`, and `5L` for the leap month that follows it. */
  readonly name: string;
  readonly start: number;
  readonly length: number;
}

/** `Intl` names the months of this calendar in any case, where it numbers those of others. */
const HEBREW_MONTHS: Readonly<Record<string, string>> = {
  ...{ Tishri: "1", Heshvan: "2", Kislev: "3", Tevet: "4", Shevat: "5", "Adar I": "5L", Adar: "6" },
  ...{ "Adar II": "6", Nisan: "7", Iyar: "8", Sivan: "9", Tamuz: "10", Av: "11", Elul: "12" },
};

/** No month is shorter, but for the five or six days that end the year in Ethiopia and Egypt. */
const SHORTEST_MONTH = 29;

/**
 * The months of a calendar that have days from `from` to `to`, in order.
 * @param rscale its name in RSCALE, in upper case (RFC 7529 §4.1)
 * @returns nothing for calendars that `Intl` does not know
 */
export function calendarMonths(rscale: string, from: number, to: number): CalendarMonth[] | undefined {
  const calendar = rscale === "GREGORIAN" ? "gregory" : rscale.toLowerCase();
  if (!Intl.supportedValuesOf("calendar").includes(calendar)) return undefined;
  const dateOf = dateReader(calendar);
  const months: CalendarMonth[] = [];
  for (let start = from - dateOf(from).date + 1; start <= to; ) {
    const { year, name } = dateOf(start);
    let next = start + SHORTEST_MONTH;
    while (dateOf(next).name === name) next += 1;
    next -= dateOf(next).date - 1;
    months.push({ year, name, start, length: next - start });
    start = next;
  }
  return months;
}

interface NamedDate {
  readonly year: number;
  readonly name: string;
  readonly date: number;
}

function dateReader(calendar: string): (day: number) => NamedDate {
  const format = new Intl.DateTimeFormat(`en-u-ca-${calendar}`, {
    timeZone: "UTC",
    year: "numeric",
    month: "numeric",
    day: "numeric",
  });
  return (day) => {
    const parts = new Map<string, string>(
      format.formatToParts(day * 86_400_000).map(({ type, value }) => [type, value]),
    );
    const month = parts.get("month") ?? "";
    return {
      year: Number(parts.get("relatedYear") ?? parts.get("year")),
      name: HEBREW_MONTHS[month] ?? month.replace("bis", "L"),
      date: Number(parts.get("day")),
    };
  };
}
