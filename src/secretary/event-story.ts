import {
  Group,
  isAboutMaster,
  type ReceivedPayload,
  renderGroup,
  tellGroup,
  uidKeyOf,
} from "../core/calendar/calendar.ts";
import type { AgendaDb, Decision } from "../storage/agenda-db/agenda-db.ts";
import type { Agenda } from "./agenda.ts";
import { type Passage, passagesAbout, tellFindings, tellMessage, tellPassages } from "./passage.ts";
import { tellPayload } from "./payload-story.ts";
import type { Workplace } from "./workplace.ts";

export interface StoryOptions extends Pick<Workplace, "db" | "identity"> {
  readonly agenda: Agenda;
  /** By whose clocks it is said when messages came. */
  readonly zone: string;
}

/**
 * The story of one event: what each of its messages wanted, in the order in which they came, what that
 * changed and why not, and what is left of it all.
 *
 * @returns lines; none when no message in the mailbox is about it
 */
export function tellStory(uidKey: string, options: StoryOptions): string[] {
  const { db, agenda, identity, zone } = options;
  const payloads = agenda.payloadsOf(uidKey);
  if (payloads.length === 0) return [];
  const group = new Group((address) => identity.isOwnAddress(address));
  const sources = Map.groupBy(payloads, ({ source }) => source);
  const decisions = decisionsAbout(payloads, db);
  const passages: Passage[] = passagesAbout(
    decisions.filter(({ messageKey }) => !sources.has(messageKey)),
    db,
    zone,
  );
  for (const [source, received] of sources) {
    const ofMessage = decisions.filter(({ messageKey }) => messageKey === source);
    passages.push(tellSource(received, { group, decisions: ofMessage, options }));
  }
  const inOrder = passages.sort((a, b) => a.at - b.at);
  const end = sourceOfEnd(group);
  const numberOfEnd = inOrder.findIndex(({ source }) => source !== undefined && source === end) + 1;
  return [
    titleOf(payloads),
    `UID ${group.uid}`,
    "",
    ...tellPassages(inOrder, zone),
    "",
    ...tellEnd(group, numberOfEnd, options),
  ];
}

/** All that was decided about this event, and about messages that tell of it, as far as that concerns no other. */
function decisionsAbout(payloads: readonly ReceivedPayload[], db: AgendaDb): Decision[] {
  const { uidKey = "" } = payloads[0]?.payload ?? {};
  const uids = new Set(payloads.map(({ payload }) => payload.uid));
  const ofEvent = [...uids].flatMap((uid) => db.decisionsAbout(uid));
  const messageKeys = new Set([
    ...payloads.map(({ source }) => source),
    ...ofEvent.map((one) => one.messageKey),
  ]);
  const ids = new Set([
    ...payloads.flatMap(({ source }) => db.message(source)?.messageId ?? []),
    ...ofEvent.map(({ messageId }) => messageId),
  ]);
  const ofMessages = [...ids]
    .flatMap((id) => db.decisionsAbout(id))
    .filter(
      ({ messageKey, uid }) => messageKeys.has(messageKey) && (uid === undefined || uidKeyOf(uid) === uidKey),
    );
  return [...ofEvent, ...ofMessages];
}

function titleOf(payloads: readonly ReceivedPayload[]): string {
  const titled = payloads
    .flatMap(({ payload }) => payload.records)
    .filter(({ content }) => content?.summary !== undefined);
  const { content } = titled.findLast(isAboutMaster) ?? titled.at(-1) ?? {};
  return content?.summary === undefined ? "An event without a title" : `"${content.summary}"`;
}

interface SourceContext {
  /** What came before it; it is added. */
  readonly group: Group;
  readonly decisions: readonly Decision[];
  readonly options: StoryOptions;
}

function tellSource(
  received: readonly ReceivedPayload[],
  { group, decisions, options }: SourceContext,
): Passage {
  const [{ source = "", received: at = 0, isAllowListed = false } = {}] = received;
  const message = options.db.message(source);
  const head = message === undefined ? [] : tellMessage(message, isAllowListed);
  const told = received.flatMap((payload) => tellPayload(payload, group, options.zone));
  return { at, sender: message?.sender ?? "", lines: [...head, ...told, ...tellFindings(decisions)], source };
}

/** The message that left nothing of the event. */
function sourceOfEnd({ state, payloads }: Group): string | undefined {
  return payloads.find(({ payload }) => payload === state.tombstone?.by.payload)?.source;
}

function tellEnd(group: Group, numberOfEnd: number, { agenda, identity }: StoryOptions): string[] {
  const shown = tellGroup(group);
  const { tombstone } = group.state;
  if (shown.length > 0) {
    const isShown = agenda.isShown(renderGroup(group, identity).endsAt);
    const where = isShown
      ? "In the calendar now:"
      : "Over for longer than WEBCAL_KEEP, so not in the calendar:";
    return [where, ...shown.map((line) => `  ${line}`)];
  }
  if (group.state.master !== undefined) return ["Not in the calendar: every date of it is excluded"];
  if (tombstone === undefined) return ["Not in the calendar: what it cancels has not arrived"];
  const verb = tombstone.was === undefined ? "cancels it, and nothing newer has come" : "cancelled it";
  return [`Not in the calendar: message ${numberOfEnd} ${verb}`];
}
