import { createHash } from "node:crypto";
import { type Outcome, readPublishedVersions } from "../../src/core/calendar/calendar.ts";
import { type MessageReading, readMessage } from "../../src/core/payloads/payloads.ts";
import {
  Agenda,
  type AgendaOptions,
  type ComponentOutcome,
  type FiledMessage,
  type ServedFeed,
} from "../../src/secretary/agenda.ts";
import { outcomesOutside } from "../../src/secretary/decisions.ts";
import { explain } from "../../src/secretary/explain.ts";
import { recordOutcomes, recordWithdrawals } from "../../src/secretary/outcome-log.ts";
import { type Policy, placementOf } from "../../src/secretary/policy.ts";
import { AgendaDb, type StoredGroup } from "../../src/storage/agenda-db/agenda-db.ts";
import { E, type Mail, mailOf, part } from "./case-mails.ts";

export const DOMAIN = "example.net";
export const ZONE = "Europe/Berlin";
export const NOON = "2026-03-02T12:00:00Z";

export const IDENTITY = {
  user: "u",
  userAddress: `u@${DOMAIN}`,
  secretaryAddress: `secretary@${DOMAIN}`,
  isOwnAddress: (address: string) => [`u@${DOMAIN}`, `secretary@${DOMAIN}`].includes(address),
};
const SETTINGS = { name: "Calendar", zone: ZONE, refresh: "PT1H", version: "1" };

const SILENT_LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface DeskOptions {
  readonly keepDays?: number;
  /** The feed that was published before the database was lost. */
  readonly published?: Uint8Array;
  /** UIDs that are there already; nobody looks at their feed. */
  readonly liveGroups?: number;
  /** Whose invitations are published; everybody's otherwise. */
  readonly policy?: Policy["publish"];
}

/** The way of a message without server, disk and parser process: octets, reading, agenda, feed. */
export class SecretaryDesk {
  readonly #db = AgendaDb.open(":memory:", "");
  readonly #options: Omit<AgendaOptions, "served">;
  #agenda: Agenda;
  readonly #filed = new Map<string, FiledMessage>();
  readonly #publish: Policy["publish"];
  #received = 0;
  #now = new Date(NOON);

  constructor({ keepDays, published = new Uint8Array(), liveGroups = 0, policy = "any" }: DeskOptions = {}) {
    this.#publish = policy;
    this.#db.transaction(() => {
      for (let index = 0; index < liveGroups; index++) this.#db.putGroup(storedGroup(`live-${index}`));
    });
    this.#options = {
      db: this.#db,
      identity: IDENTITY,
      settings: SETTINGS,
      isTrustedSender: IDENTITY.isOwnAddress,
      keepSeconds: keepDays === undefined ? undefined : keepDays * 86_400,
      now: () => this.#now,
      published: readPublishedVersions(new TextDecoder().decode(published)),
    };
    this.#agenda = new Agenda(this.#options);
  }

  /** Readers get the feed of now. */
  publish(): ServedFeed {
    const feed = this.#agenda.feed();
    const served = {
      octets: Buffer.from(feed.octets),
      etag: createHash("md5").update(feed.octets).digest("hex"),
    };
    this.#agenda.markPublished(feed, served);
    return served;
  }

  /** Starts again over the same database. @returns the UIDs of all groups whose text is read from it afterwards */
  restart(served?: ServedFeed): string[] {
    const read: string[] = [];
    const db = new Proxy(this.#db, {
      get(target, name) {
        const value = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...values: unknown[]) => {
          if (name === "group") read.push(String(values[0]));
          return value.apply(target, values);
        };
      },
    });
    this.#agenda = new Agenda({ ...this.#options, db, served });
    return read;
  }

  set clock(time: string) {
    this.#now = new Date(time);
  }

  /** Receives one message and says what became of each component in it. */
  async deliver(mail: Mail): Promise<ComponentOutcome[]> {
    const [message] = await this.receive([mail]);
    return message === undefined ? [] : this.file([message]);
  }

  /** Reads messages as they are received one second after the other; nothing is published yet. */
  async receive(mails: readonly Mail[]): Promise<FiledMessage[]> {
    const messages: FiledMessage[] = [];
    for (const { octets } of mails) {
      const received = Math.floor(this.#now.getTime() / 1000) + ++this.#received;
      const trace = receivedField(received);
      const reading = await readMessage(Buffer.concat([Buffer.from(trace), octets]), {
        domain: DOMAIN,
        defaultZone: ZONE,
        fileDate: 0,
      });
      messages.push({ key: `${received}.M1`, isApproved: false, reading: throughJson(reading) });
    }
    return messages;
  }

  /** Publishes what may be published, in one transaction. */
  file(messages: readonly FiledMessage[]): ComponentOutcome[] {
    const policy = { publish: this.#publish, isTrustedSender: IDENTITY.isOwnAddress };
    const placed = messages.map((message) => ({ message, placement: placementOf(message.reading, policy) }));
    const published = placed.filter(({ placement }) => placement === "publish").map(({ message }) => message);
    for (const message of published) this.#filed.set(message.key, message);
    const outcomes = [
      ...this.#agenda.apply(published, []),
      ...placed
        .filter(({ placement }) => placement !== "publish")
        .flatMap(({ message }) => outcomesOutside(message.key, message.reading)),
    ];
    const sorted = placed.map(({ message, placement }) => ({ ...message, mailbox: placement }));
    recordOutcomes(sorted, outcomes, this.#recording());
    return outcomes;
  }

  #recording() {
    const now = new Date(this.#now.getTime() + this.#received * 1000);
    return { db: this.#db, log: SILENT_LOG, now: () => now };
  }

  explain(subject: string): string[] {
    return explain(subject, { db: this.#db, agenda: this.#agenda, identity: IDENTITY, zone: ZONE });
  }

  /** The user takes messages out of the mailbox. */
  remove(keys: readonly string[]): void {
    for (const key of keys) this.#filed.delete(key);
    recordWithdrawals(keys, this.#recording());
    this.#agenda.apply([], keys);
  }

  feed(): Uint8Array {
    return this.#agenda.feed().octets;
  }

  /** What a new database makes of the same mailbox; `inOrder` puts its messages into another order first. */
  rebuilt(inOrder = (messages: FiledMessage[]) => messages, options: DeskOptions = {}): SecretaryDesk {
    const desk = new SecretaryDesk({ published: this.feed(), ...options });
    desk.#now = this.#now;
    desk.#received = this.#received;
    desk.file(inOrder([...this.#filed.values()]));
    return desk;
  }

  get filed(): readonly FiledMessage[] {
    return [...this.#filed.values()];
  }

  close(): void {
    this.#db.close();
  }
}

function storedGroup(uidKey: string): StoredGroup {
  const rendered = { events: [{ uid: uidKey, body: "END:VEVENT\r\n" }], zones: {}, definitions: {} };
  const json = JSON.stringify({ uid: uidKey, ...rendered, sourceSequence: 0 });
  const entry = {
    uidKey,
    uid: uidKey,
    ownsUid: true,
    madeUids: [],
    zones: "{}",
    endsAt: undefined,
    octets: 1,
  };
  return { ...entry, digest: "", sequence: 0, lastModified: 0, cancelledAt: undefined, json };
}

/** Readings come from another process, and stay in a database. */
function throughJson(reading: MessageReading): MessageReading {
  return JSON.parse(JSON.stringify(reading)) as MessageReading;
}

function receivedField(seconds: number): string {
  const date = new Date(seconds * 1000).toUTCString().replace("GMT", "+0000");
  return `Delivered-To: secretary@${DOMAIN}\r\nReceived: from client.example by ${DOMAIN} with ESMTPS; ${date}\r\n`;
}

export function outcomeText({ outcome, reason }: Outcome): string {
  return `${outcome} ${reason}`;
}

/** The unrelated event that every store holds already, so that no feed is without events. */
export const UNRELATED_UID = "z@example.org";
export const UNRELATED: Mail = E(0, -24, {
  UID: `:${UNRELATED_UID}`,
  DTSTART: ";VALUE=DATE:20260501",
  DTEND: ";VALUE=DATE:20260502",
  SUMMARY: ":Unrelated",
});

/** A mail with a calendar of which only the text matters. */
export function calendarMail(text: string | Uint8Array, contentType = "text/calendar; method=REQUEST"): Mail {
  return mailOf(part(contentType, text));
}
