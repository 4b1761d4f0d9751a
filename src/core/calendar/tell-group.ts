import type { Group } from "./fold.ts";
import type { EventContent } from "./record.ts";
import { splitSeries } from "./split-series.ts";
import { tellEvent, tellTime } from "./tell-event.ts";

/** What readers see of a UID, in words for people: a line for each event, and for each date that is different. */
export function tellGroup(group: Group): string[] {
  const { segments, orphans } = splitSeries(group.state);
  return [
    ...segments.flatMap(({ record, overrides }) => {
      const isRecurring = record.content?.rule !== undefined || (record.content?.dates.length ?? 0) > 0;
      if (!isRecurring) return tell((overrides[0]?.record ?? record).content);
      const different = overrides.flatMap(({ recurrenceId, record: override }) =>
        tell(override.content).map((event) => `  but in place of ${tellTime(recurrenceId)}: ${event}`),
      );
      return [...tell(record.content), ...different];
    }),
    ...orphans.flatMap(({ instance }) => tell(instance.versioned.record.content)),
  ];
}

function tell(content: EventContent | undefined): string[] {
  return content === undefined ? [] : [tellEvent(content)];
}
