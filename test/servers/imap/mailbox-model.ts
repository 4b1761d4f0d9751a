import assert from "node:assert/strict";
import type { ImapClient } from "./imap-client.ts";

/** Commands in whose answers sequence numbers must not change (RFC 9051 §7.5.1). */
const COUNTING = /^(?:FETCH|STORE|SEARCH|SORT|THREAD)\b/;

/**
 * A client that believes what it is told about its mailbox and nothing else, and fails when that cannot be:
 * sequence numbers that are none, UIDs out of order, changes at times when none may be told.
 */
export class MailboxModel {
  readonly name: string;
  readonly #client: ImapClient;
  /** By sequence number, from 0; undefined until the server told. */
  #uids: (number | undefined)[] = [];
  readonly flags = new Map<number, string>();
  uidValidity = 0;
  /** Up to where the client knows all changes, for coming back (RFC 7162 §3.2.5). */
  modSeq = 0;

  constructor(name: string, client: ImapClient) {
    this.name = name;
    this.#client = client;
  }

  get count(): number {
    return this.#uids.length;
  }

  /** Sequence numbers of messages of which the client does not know the UID or the flags. */
  get unknown(): number[] {
    return this.#uids.flatMap((uid, at) => (uid === undefined || !this.flags.has(uid) ? [at + 1] : []));
  }

  /** What is known, by UID in order. */
  get known(): [number, string | undefined][] {
    return this.#uids.map((uid = 0) => [uid, this.flags.get(uid)]);
  }

  /** Starts without sequence numbers, as after a SELECT; what is known of UIDs stays. */
  forgetNumbers(): void {
    this.#uids = [];
  }

  async run(command: string): Promise<string> {
    const lines = await this.#client.run(command);
    const where = `${this.name}: ${command}\n${lines.join("\n")}`;
    for (const line of lines.slice(0, -1)) this.#hear(line, { where, isCounting: COUNTING.test(command) });
    // What SELECT or the tagged answer says counts for more than what single messages have.
    const highest = lines.findLast((line) => line.includes("[HIGHESTMODSEQ "));
    if (highest !== undefined) this.modSeq = Number(/\[HIGHESTMODSEQ (\d+)\]/.exec(highest)?.[1]);
    assert.doesNotMatch(lines.at(-1) ?? "", /^BAD/, where);
    return lines.at(-1) ?? "";
  }

  #hear(line: string, { where, isCounting }: { where: string; isCounting: boolean }): void {
    const [, digits, word, rest = ""] = /^\* (?:(\d+) )?(\S+)(?: (.*))?$/s.exec(line) ?? [];
    const number = Number(digits);
    switch (word) {
      case "EXISTS":
        assert.ok(number >= this.count, `fewer messages: ${where}`);
        while (this.count < number) this.#uids.push(undefined);
        return;
      case "EXPUNGE":
        assert.ok(!isCounting && number >= 1 && number <= this.count, where);
        this.#remove(number - 1);
        return;
      case "VANISHED":
        this.#hearVanished(rest, { where, isCounting });
        return;
      case "FETCH":
        this.#hearFetch(number, rest, where);
        return;
      case "OK":
        this.uidValidity = Number(/^\[UIDVALIDITY (\d+)\]/.exec(rest)?.[1] ?? this.uidValidity);
    }
  }

  #hearVanished(rest: string, { where, isCounting }: { where: string; isCounting: boolean }): void {
    const isEarlier = rest.startsWith("(EARLIER) ");
    assert.ok(isEarlier || !isCounting, where);
    for (const range of rest.replace("(EARLIER) ", "").split(",")) {
      const [first = 0, last = first] = range.split(":").map(Number);
      for (const uid of this.flags.keys())
        if (isEarlier && uid >= first && uid <= last) this.flags.delete(uid);
      if (!isEarlier) for (let uid = first; uid <= last; uid++) this.#remove(this.#placeOf(uid, where));
    }
  }

  #hearFetch(number: number, items: string, where: string): void {
    assert.ok(number >= 1 && number <= this.count, where);
    const uid = Number(/\bUID (\d+)/.exec(items)?.[1] ?? this.#uids[number - 1] ?? 0);
    if (uid > 0) {
      assert.equal(this.#uids[number - 1] ?? uid, uid, where);
      this.#uids[number - 1] = uid;
      const known = this.#uids.filter((other) => other !== undefined);
      assert.ok(
        known.every((other, at) => at === 0 || other > (known[at - 1] ?? 0)),
        `order: ${where}`,
      );
    }
    const flags = /\bFLAGS \(([^)]*)\)/.exec(items)?.[1];
    if (flags !== undefined && uid > 0) this.flags.set(uid, normalFlags(flags));
    this.modSeq = Math.max(this.modSeq, Number(/MODSEQ \((\d+)\)/.exec(items)?.[1] ?? 0));
  }

  #remove(at: number): void {
    const [uid] = this.#uids.splice(at, 1);
    if (uid !== undefined) this.flags.delete(uid);
  }

  /** Where a message is that vanished, perhaps before its UID was told. */
  #placeOf(uid: number, where: string): number {
    const known = this.#uids.indexOf(uid);
    if (known >= 0) return known;
    const next = this.#uids.findIndex((other) => other !== undefined && other > uid);
    const place = this.#uids.slice(0, next < 0 ? undefined : next).lastIndexOf(undefined);
    assert.ok(place >= 0, `${uid} vanished and never was there: ${where}`);
    return place;
  }
}

/** In an order of their own, without `\Recent`, which each session sees differently. */
export function normalFlags(flags: string): string {
  return flags
    .split(" ")
    .filter((flag) => flag !== "" && flag !== "\\Recent")
    .sort()
    .join(" ");
}
