import type { ModSeq, Uid } from "./mailbox-view.ts";
import type { Marks } from "./marks.ts";

/** One message of a mailbox. */
export interface MessageRow {
  readonly uid: Uid;
  readonly marks: Marks;
  readonly modSeq: ModSeq;
  /** Size with every line ended by CRLF; NaN when not known yet. */
  readonly crlfOctets: number;
  /** Milliseconds since 1970; NaN when not known yet. */
  readonly internalDate: number;
  readonly subfolder: "new" | "cur";
  readonly baseName: string;
}

/** The columns of the table, each as long as there are messages. */
export interface Columns {
  readonly uids: Uint32Array;
  readonly marks: Int32Array;
  readonly modSeqs: Float64Array;
  readonly crlfOctets: Float64Array;
  readonly internalDates: Float64Array;
  /** 1 for a message in `new`. */
  readonly inNew: Uint8Array;
  /** Where in `names` each name ends, its line feed included. */
  readonly nameEnds: Uint32Array;
  /** The base names in UTF-8, each with a line feed after it, which none has inside. */
  readonly names: Uint8Array;
}

/**
 * The messages of a mailbox by ascending UID. Columns of numbers: 33 octets for a message and its name,
 * where an object would cost several times that. A position is good until the next `remove`.
 */
export class MessageTable {
  #columns: Columns;
  #count: number;
  /** Where a message was found last: where to look first, and no more than that. */
  #lastFound = -1;

  constructor(columns: Columns = allocate(0, 0)) {
    this.#columns = columns;
    this.#count = columns.uids.length;
  }

  get count(): number {
    return this.#count;
  }

  /** The columns, cut to length. They share memory with the table. */
  get columns(): Columns {
    const { uids, marks, modSeqs, crlfOctets, internalDates, inNew, nameEnds, names } = this.#columns;
    const count = this.#count;
    return {
      uids: uids.subarray(0, count),
      marks: marks.subarray(0, count),
      modSeqs: modSeqs.subarray(0, count),
      crlfOctets: crlfOctets.subarray(0, count),
      internalDates: internalDates.subarray(0, count),
      inNew: inNew.subarray(0, count),
      nameEnds: nameEnds.subarray(0, count),
      names: names.subarray(0, this.#nameStart(count)),
    };
  }

  rowAt(position: number): MessageRow {
    const { uids, marks, modSeqs, crlfOctets, internalDates, inNew } = this.#columns;
    return {
      uid: at(uids, position),
      marks: at(marks, position),
      modSeq: at(modSeqs, position),
      crlfOctets: at(crlfOctets, position),
      internalDate: at(internalDates, position),
      subfolder: at(inNew, position) === 1 ? "new" : "cur",
      baseName: this.#nameAt(position),
    };
  }

  uidAt(position: number): Uid {
    return at(this.#columns.uids, position);
  }

  marksAt(position: number): Marks {
    return at(this.#columns.marks, position);
  }

  modSeqAt(position: number): ModSeq {
    return at(this.#columns.modSeqs, position);
  }

  /** As in its row. */
  crlfOctetsAt(position: number): number {
    return at(this.#columns.crlfOctets, position);
  }

  /** As in its row. */
  internalDateAt(position: number): number {
    return at(this.#columns.internalDates, position);
  }

  isInNew(position: number): boolean {
    return this.#columns.inNew[position] === 1;
  }

  /** Where the message with this UID stands; negative when there is none. */
  positionOf(uid: Uid): number {
    const { uids } = this.#columns;
    // Most who ask for one message ask for more of it, and for the next one then.
    if (this.#lastFound < this.#count && uids[this.#lastFound] === uid) return this.#lastFound;
    const next = this.#lastFound + 1;
    const position = next < this.#count && uids[next] === uid ? next : this.#firstNotBelow(uids, uid);
    if (position >= this.#count || uids[position] !== uid) return -1;
    this.#lastFound = position;
    return position;
  }

  /** Where the message with this base name stands; negative when there is none. Reads all names. */
  positionOfName(baseName: string): number {
    const { buffer, byteOffset, length } = this.columns.names;
    const names = Buffer.from(buffer, byteOffset, length);
    const wanted = Buffer.from(`${baseName}\n`);
    for (let found = names.indexOf(wanted); found >= 0; found = names.indexOf(wanted, found + 1)) {
      const end = found + wanted.length;
      const position = this.#firstNotBelow(this.#columns.nameEnds, end);
      if (this.#columns.nameEnds[position] === end && this.#nameStart(position) === found) return position;
    }
    return -1;
  }

  /** Where those of the messages stand that are here, by base name. */
  positionsOfNames(baseNames: Iterable<string>): Map<string, number> {
    const wanted = new Set(baseNames);
    const positions = new Map<string, number>();
    if (wanted.size > MAX_SEARCHES) {
      // A table of all names, to look these up in, would take three times as long.
      for (const [position, name] of this.#names().entries()) {
        if (wanted.has(name)) positions.set(name, position);
      }
      return positions;
    }
    for (const baseName of wanted) {
      const position = this.positionOfName(baseName);
      if (position >= 0) positions.set(baseName, position);
    }
    return positions;
  }

  /** All positions by base name: not to be kept. */
  positionsByName(): Map<string, number> {
    return new Map(this.#names().map((name, position) => [name, position]));
  }

  #names(): string[] {
    const names = decoder.decode(this.columns.names).split("\n");
    names.pop(); // what follows the last line feed
    return names;
  }

  /** All marks that any message has. */
  usedMarks(): Marks {
    return this.columns.marks.reduce((used, marks) => used | marks, 0);
  }

  /** How many messages have all of the marks `all` and none of the marks `none`. */
  countMarked(all: Marks, none: Marks): number {
    return countMarked(this.columns.marks, { all, none });
  }

  /** The UIDs of those messages, from `first` to `last`. */
  uidsMarked(
    { all, none }: { readonly all: Marks; readonly none: Marks },
    { first, last }: { readonly first: Uid; readonly last: Uid },
  ): Uid[] {
    const start = this.#firstNotBelow(this.#columns.uids, first);
    const end = this.#firstNotBelow(this.#columns.uids, last + 1);
    const uids = this.#columns.uids.subarray(start, end);
    const marks = this.#columns.marks.subarray(start, end);
    const marked: Uid[] = Array(countMarked(marks, { all, none })); // growing takes longer than counting
    let count = 0;
    for (let position = 0; position < uids.length; position += 1) {
      const own = marks[position] ?? 0;
      if ((own & all) === all && (own & none) === 0) marked[count++] = uids[position] ?? 0;
    }
    return marked;
  }

  /** The UIDs of the messages in `new`. */
  uidsInNew(): Uid[] {
    const { inNew, uids } = this.columns;
    const found: Uid[] = [];
    for (let position = inNew.indexOf(1); position >= 0; position = inNew.indexOf(1, position + 1)) {
      found.push(at(uids, position));
    }
    return found;
  }

  /** Adds a message whose UID is above all others. */
  append(row: MessageRow): void {
    const start = this.#nameStart(this.#count);
    const name = `${row.baseName}\n`;
    this.#makeRoom(start + 3 * name.length); // UTF-8 at its longest
    const columns = this.#columns;
    const position = this.#count;
    columns.uids[position] = row.uid;
    columns.marks[position] = row.marks;
    columns.modSeqs[position] = row.modSeq;
    columns.crlfOctets[position] = row.crlfOctets;
    columns.internalDates[position] = row.internalDate;
    columns.inNew[position] = row.subfolder === "new" ? 1 : 0;
    columns.nameEnds[position] = start + encoder.encodeInto(name, columns.names.subarray(start)).written;
    this.#count += 1;
  }

  /** Replaces what may change of a message. */
  update(position: number, changed: Partial<Omit<MessageRow, "uid" | "baseName">>): void {
    const columns = this.#columns;
    if (changed.marks !== undefined) columns.marks[position] = changed.marks;
    if (changed.modSeq !== undefined) columns.modSeqs[position] = changed.modSeq;
    if (changed.crlfOctets !== undefined) columns.crlfOctets[position] = changed.crlfOctets;
    if (changed.internalDate !== undefined) columns.internalDates[position] = changed.internalDate;
    if (changed.subfolder !== undefined) columns.inNew[position] = changed.subfolder === "new" ? 1 : 0;
  }

  /** Removes the messages at these positions, which ascend. */
  remove(positions: readonly number[]): void {
    const { names, nameEnds } = this.#columns;
    const numbers = numbersOf(this.#columns);
    let to = positions[0] ?? this.#count;
    let nameTo = this.#nameStart(to);
    for (const [nth, removed] of positions.entries()) {
      // What stands between this one and the next moves down.
      const [from, end] = [removed + 1, positions[nth + 1] ?? this.#count];
      const [nameFrom, nameEnd] = [this.#nameStart(from), this.#nameStart(end)];
      for (const column of numbers) column.copyWithin(to, from, end);
      for (let moved = to; moved < to + end - from; moved += 1) {
        nameEnds[moved] = at(nameEnds, moved) - (nameFrom - nameTo);
      }
      names.copyWithin(nameTo, nameFrom, nameEnd);
      to += end - from;
      nameTo += nameEnd - nameFrom;
    }
    this.#count = to;
  }

  #nameStart(position: number): number {
    return position === 0 ? 0 : at(this.#columns.nameEnds, position - 1);
  }

  #nameAt(position: number): string {
    const { names, nameEnds } = this.#columns;
    return decoder.decode(names.subarray(this.#nameStart(position), at(nameEnds, position) - 1));
  }

  /** The first position whose value in an ascending column is not below `value`. */
  #firstNotBelow(column: Uint32Array, value: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at(column, middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #makeRoom(nameOctets: number): void {
    const old = this.#columns;
    if (this.#count < old.uids.length && nameOctets <= old.names.length) return;
    const grown = allocate(
      Math.max(old.uids.length, Math.ceil(this.#count * GROWTH) + 16),
      Math.max(old.names.length, Math.ceil(nameOctets * GROWTH) + 1024),
    );
    const oldNumbers = numbersOf(old);
    for (const [nth, column] of numbersOf(grown).entries()) column.set(oldNumbers[nth] ?? []);
    grown.names.set(old.names);
    this.#columns = grown;
  }
}

/** More names than this, and taking all of the table's apart is faster than looking through all for each. */
const MAX_SEARCHES = 20;

/** Room for this times what is there, so that adding many does not copy all each time. */
const GROWTH = 1.25;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function allocate(messages: number, nameOctets: number): Columns {
  return {
    uids: new Uint32Array(messages),
    marks: new Int32Array(messages),
    modSeqs: new Float64Array(messages),
    crlfOctets: new Float64Array(messages),
    internalDates: new Float64Array(messages),
    inNew: new Uint8Array(messages),
    nameEnds: new Uint32Array(messages),
    names: new Uint8Array(nameOctets),
  };
}

function numbersOf(columns: Columns) {
  const { uids, marks, modSeqs, crlfOctets, internalDates, inNew, nameEnds } = columns;
  return [uids, marks, modSeqs, crlfOctets, internalDates, inNew, nameEnds];
}

/** The value at a position that exists. */
function at(column: { readonly [position: number]: number }, position: number): number {
  return column[position] ?? Number.NaN;
}

function countMarked(
  marks: Int32Array,
  { all, none }: { readonly all: Marks; readonly none: Marks },
): number {
  let count = 0;
  for (let position = 0; position < marks.length; position += 1) {
    const own = marks[position] ?? 0;
    if ((own & all) === all && (own & none) === 0) count += 1;
  }
  return count;
}
