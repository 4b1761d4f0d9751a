import { assembleFeed, compareText, type FeedSettings, type ZonesInUse } from "../core/calendar/calendar.ts";

/** What one UID contributes to the feed, apart from its text. */
export interface FeedEntry {
  readonly uidKey: string;
  readonly uid: string;
  /** Whether an event with just this UID is among the texts: of orphans there is none. */
  readonly ownsUid: boolean;
  readonly inUse: ZonesInUse;
  /** When the last of it is over; never, if undefined. */
  readonly endsAt: number | undefined;
  /** For a text with UIDs that we made: the text with others in place of those taken, which are added. */
  readonly distinctText?: (takenUids: Set<string>) => Uint8Array;
}

interface Place {
  entry: FeedEntry;
  /** The text as it came, until it stands in the feed. */
  fresh: Uint8Array | undefined;
  /** Where the text stands in the feed that was assembled last. */
  start: number;
  length: number;
}

export interface AssembledFeed {
  readonly octets: Uint8Array;
  /** UIDs that are shown. */
  readonly events: number;
}

/**
 * The texts of all events in the order of the feed, and the feed made of them. Texts stand in one piece of
 * memory, the last feed: the next one copies what did not change in few long pieces, so that a hundred
 * thousand events cost a memcpy and neither a sort nor a hundred thousand objects of text.
 */
export class FeedBook {
  readonly #settings: FeedSettings;
  readonly #places = new Map<string, Place>();
  #order: Place[] = [];
  #isSorted = true;
  #hasGaps = false;
  #feed: Uint8Array = new Uint8Array();
  readonly #interned = new Map<string, ZonesInUse>();

  constructor(settings: FeedSettings) {
    this.#settings = settings;
  }

  /** UIDs that have a text. */
  get size(): number {
    return this.#places.size;
  }

  /** Puts or replaces the text of a UID; an empty text takes it out. */
  put(entry: FeedEntry, text: Uint8Array): void {
    const known = this.#places.get(entry.uidKey);
    if (text.length === 0) {
      if (this.#places.delete(entry.uidKey)) this.#hasGaps = true;
      return;
    }
    const interned = { ...entry, inUse: this.#intern(entry.inUse) };
    if (known !== undefined && known.entry.uid === entry.uid) {
      known.entry = interned;
      known.fresh = text;
      return;
    }
    this.#hasGaps ||= known !== undefined;
    const place: Place = { entry: interned, fresh: text, start: 0, length: 0 };
    this.#places.set(entry.uidKey, place);
    this.#order.push(place);
    this.#isSorted = false;
  }

  /** @param isShown events that are over may be left out */
  assemble(isShown: (entry: FeedEntry) => boolean): AssembledFeed {
    this.#tidy();
    this.#keepUidsDistinct();
    const shown = this.#order.filter(({ entry }) => isShown(entry));
    for (const place of this.#order) {
      // What is left out of the feed needs its text elsewhere.
      if (!isShown(place.entry)) place.fresh ??= this.#feed.slice(place.start, place.start + place.length);
    }
    const inUse = new Set(shown.map(({ entry }) => entry.inUse));
    const { octets, textsStart } = assembleFeed(this.#pieces(shown), [...inUse], this.#settings);
    let start = textsStart;
    for (const place of shown) {
      place.length = place.fresh?.length ?? place.length;
      place.start = start;
      place.fresh = undefined;
      start += place.length;
    }
    this.#feed = octets;
    return { octets, events: shown.length };
  }

  #keepUidsDistinct(): void {
    const made = this.#order.filter(({ entry }) => entry.distinctText !== undefined);
    if (made.length === 0) return;
    const taken = new Set(this.#order.filter(({ entry }) => entry.ownsUid).map(({ entry }) => entry.uid));
    for (const place of made) place.fresh = place.entry.distinctText?.(taken);
  }

  /** New texts one by one, and what stands in the last feed in pieces as long as the order is the same. */
  #pieces(shown: readonly Place[]): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let [from, to] = [0, 0];
    const flush = () => {
      if (to > from) pieces.push(this.#feed.subarray(from, to));
    };
    for (const { fresh, start, length } of shown) {
      if (fresh !== undefined) {
        flush();
        [from, to] = [0, 0];
        pieces.push(fresh);
      } else if (start === to) {
        to = start + length;
      } else {
        flush();
        [from, to] = [start, start + length];
      }
    }
    flush();
    return pieces;
  }

  /** The order is nearly right already, which the engine's merge sort takes in one pass. */
  #tidy(): void {
    if (this.#hasGaps)
      this.#order = this.#order.filter((place) => this.#places.get(place.entry.uidKey) === place);
    if (!this.#isSorted) this.#order.sort((a, b) => compareEntries(a.entry, b.entry));
    this.#hasGaps = false;
    this.#isSorted = true;
  }

  /** Most events are in the same few zones since the same year. */
  #intern(inUse: ZonesInUse): ZonesInUse {
    const text = JSON.stringify(inUse);
    const known = this.#interned.get(text);
    if (known !== undefined) return known;
    this.#interned.set(text, inUse);
    return inUse;
  }
}

function compareEntries(a: FeedEntry, b: FeedEntry): number {
  return compareText(a.uid, b.uid) || compareText(a.uidKey, b.uidKey);
}
