import { assembleFeed, compareText, type FeedSettings, type ZonesInUse } from "../core/calendar/calendar.ts";
import type { GroupEntry } from "../storage/agenda-db/agenda-db.ts";

/** Reads the text of a UID; with others in place of those UIDs of ours that are taken, which are added. */
export type ReadText = (uidKey: string, takenUids?: Set<string>) => Uint8Array;

/** One UID in the order of the feed. */
interface Place {
  readonly uidKey: string;
  readonly uid: string;
  ownsUid: boolean;
  madeUids: readonly string[];
  inUse: ZonesInUse;
  endsAt: number | undefined;
  /** The text, until it stands in the feed. */
  fresh: Uint8Array | undefined;
  /** Where the text stands in the feed that was assembled last; nowhere, if negative. */
  start: number;
  octets: number;
  /** The text says other UIDs than those that were made at first. */
  isRenamed: boolean;
}

export type IsShown = (entry: Pick<GroupEntry, "endsAt">) => boolean;

export interface AssembledFeed {
  readonly octets: Uint8Array;
  /** UIDs that are shown. */
  readonly events: number;
}

const NOWHERE = -1;

/**
 * What the feed is made of, in its order, and the feed made of it. Texts stand in one piece of memory, the
 * last feed: the next one copies what did not change in few long pieces, so that a hundred thousand events
 * cost a memcpy and neither a sort nor a hundred thousand objects of text. Texts that are not in it are read.
 */
export class FeedBook {
  readonly #settings: FeedSettings;
  readonly #readText: ReadText;
  readonly #places = new Map<string, Place>();
  #order: Place[] = [];
  #isSorted = true;
  #hasGaps = false;
  #feed: Uint8Array = new Uint8Array();
  /** Most events are in the same few zones since the same year. */
  readonly #interned = new Map<string, ZonesInUse>();

  constructor(settings: FeedSettings, readText: ReadText) {
    this.#settings = settings;
    this.#readText = readText;
  }

  /** UIDs that have a text. */
  get size(): number {
    return this.#places.size;
  }

  /** Puts or replaces a UID; one without text is taken out. */
  put(entry: GroupEntry, text?: Uint8Array): void {
    const { uidKey, ownsUid, madeUids, endsAt, octets } = entry;
    const uid = entry.uid === uidKey ? uidKey : entry.uid; // one string in memory, where they are the same
    const known = this.#places.get(uidKey);
    if (octets === 0) {
      if (this.#places.delete(uidKey)) this.#hasGaps = true;
      return;
    }
    const inUse = this.#intern(entry.zones);
    const changed = { ownsUid, madeUids, inUse, endsAt, fresh: text, start: NOWHERE, octets };
    if (known !== undefined && known.uid === uid) {
      Object.assign(known, changed, { isRenamed: false });
      return;
    }
    this.#hasGaps ||= known !== undefined;
    const place: Place = { uidKey, uid, ...changed, isRenamed: false };
    this.#places.set(uidKey, place);
    this.#order.push(place);
    this.#isSorted = false;
  }

  /**
   * Takes a feed that was assembled of what is in the book now, so that no text need be read.
   * @returns the UIDs that are shown; nothing, if it cannot have been
   */
  adopt(octets: Uint8Array, isShown: IsShown): number | undefined {
    const shown = this.#shown(isShown);
    const length = shown.reduce((sum, { fresh, octets }) => sum + (fresh?.length ?? octets), 0);
    const frame = assembleFeed([new Uint8Array()], zonesOf(shown), this.#settings);
    const head = frame.octets.subarray(0, frame.textsStart);
    const tail = frame.octets.subarray(frame.textsStart);
    const fits =
      length > 0 &&
      octets.length === head.length + length + tail.length &&
      Buffer.compare(octets.subarray(0, head.length), head) === 0 &&
      Buffer.compare(octets.subarray(-tail.length), tail) === 0;
    if (!fits) return undefined;
    this.#settle(shown, octets, head.length);
    return shown.length;
  }

  /** @param isShown events that are over may be left out */
  assemble(isShown: IsShown): AssembledFeed {
    const shown = this.#shown(isShown);
    for (const place of shown) {
      if (place.start === NOWHERE) place.fresh ??= this.#readText(place.uidKey);
    }
    const { octets, textsStart } = assembleFeed(this.#pieces(shown), zonesOf(shown), this.#settings);
    this.#settle(shown, octets, textsStart);
    return { octets, events: shown.length };
  }

  /** Works on with another copy of the feed that was assembled last. */
  useCopy(octets: Uint8Array): void {
    this.#feed = octets;
  }

  #shown(isShown: IsShown): Place[] {
    this.#tidy();
    this.#keepUidsDistinct();
    return this.#order.filter(isShown);
  }

  /** Notes where the texts stand from now on. What is left out is read again when it comes back. */
  #settle(shown: readonly Place[], feed: Uint8Array, textsStart: number): void {
    for (const place of this.#order) {
      place.octets = place.fresh?.length ?? place.octets;
      place.start = NOWHERE;
      place.fresh = undefined;
    }
    let start = textsStart;
    for (const place of shown) {
      place.start = start;
      start += place.octets;
    }
    this.#feed = feed;
  }

  #keepUidsDistinct(): void {
    const made = this.#order.filter(({ madeUids }) => madeUids.length > 0);
    if (made.length === 0) return;
    const taken = new Set(this.#order.filter(({ ownsUid }) => ownsUid).map(({ uid }) => uid));
    for (const place of made) {
      const { uidKey, madeUids, isRenamed } = place;
      place.isRenamed = madeUids.some((uid) => taken.has(uid));
      if (place.isRenamed) place.fresh = this.#readText(uidKey, taken);
      else if (isRenamed) place.fresh = this.#readText(uidKey);
      for (const uid of madeUids) taken.add(uid);
    }
  }

  /** New texts one by one, and what stands in the last feed in pieces as long as the order is the same. */
  #pieces(shown: readonly Place[]): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let [from, to] = [0, 0];
    const flush = () => {
      if (to > from) pieces.push(this.#feed.subarray(from, to));
    };
    for (const { fresh, start, octets } of shown) {
      if (fresh !== undefined) {
        flush();
        [from, to] = [0, 0];
        pieces.push(fresh);
      } else if (start === to) {
        to = start + octets;
      } else {
        flush();
        [from, to] = [start, start + octets];
      }
    }
    flush();
    return pieces;
  }

  /** The order is nearly right already, which the engine's merge sort takes in one pass. */
  #tidy(): void {
    if (this.#hasGaps) this.#order = this.#order.filter((place) => this.#places.get(place.uidKey) === place);
    if (!this.#isSorted) this.#order.sort(comparePlaces);
    this.#hasGaps = false;
    this.#isSorted = true;
  }

  #intern(text: string): ZonesInUse {
    const known = this.#interned.get(text);
    if (known !== undefined) return known;
    const inUse = JSON.parse(text) as ZonesInUse;
    this.#interned.set(text, inUse);
    return inUse;
  }
}

function zonesOf(places: readonly Place[]): ZonesInUse[] {
  return [...new Set(places.map(({ inUse }) => inUse))];
}

function comparePlaces(a: Place, b: Place): number {
  return compareText(a.uid, b.uid) || compareText(a.uidKey, b.uidKey);
}
