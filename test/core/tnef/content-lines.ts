import { createHash } from "node:crypto";
import type { Component } from "../../../src/core/icalendar/icalendar.ts";
import type { Parsed, TnefMessage } from "../../../src/core/tnef/tnef.ts";

/** A component as content lines, neither folded nor escaped: what a reader of a test wants to see. */
export function contentLines(component: Component): string[] {
  return [
    `BEGIN:${component.name}`,
    ...component.properties.map(({ name, parameters, values }) => {
      const written = [...parameters].map(([parameter, value]) => `;${parameter}=${value}`);
      return `${name}${written.join("")}:${values.join(",")}`;
    }),
    ...component.components.flatMap(contentLines),
    `END:${component.name}`,
  ];
}

/** The events of a message's calendar, one list of lines each, without BEGIN and END. */
export function eventLines(message: TnefMessage): string[][] {
  const events = message.calendar?.components.filter(({ name }) => name === "VEVENT") ?? [];
  return events.map((event) => contentLines(event).slice(1, -1));
}

/** What a fixture's JSON holds. */
export interface Described {
  readonly messageClass: string;
  readonly calendar?: readonly string[];
  readonly attachments?: readonly { fileName: string; mediaType: string; size: number; sha256: string }[];
  readonly embedded?: readonly Described[];
  readonly problems?: readonly string[];
}

export function describeParsed({ value, problems }: Parsed<TnefMessage>): Described {
  const codes = problems.map(({ code }) => code);
  return { ...describe(value), ...(codes.length === 0 ? {} : { problems: codes }) };
}

function describe({ messageClass, calendar, attachments, embedded }: TnefMessage): Described {
  return {
    messageClass,
    ...(calendar === undefined ? {} : { calendar: contentLines(calendar) }),
    ...(attachments.length === 0
      ? {}
      : {
          attachments: attachments.map(({ fileName, mediaType, content }) => ({
            fileName,
            mediaType,
            size: content.length,
            sha256: createHash("sha256").update(content).digest("hex"),
          })),
        }),
    ...(embedded.length === 0 ? {} : { embedded: embedded.map(describe) }),
  };
}
