/**
 * The letters after `:2,` in a message's file name, as one set of bits: 0 to 25 are the keywords `a` to `z`,
 * whose names the mailbox keeps, 26 to 31 are the six flags. A set may come out negative where bit 31 is
 * part of it; `marks >>> 0` makes two of them comparable.
 */
export type Marks = number;

/** Maildir's own words for its flags; IMAP says \Draft, \Flagged, nothing, \Answered, \Seen, \Deleted. */
export type Flag = "draft" | "flagged" | "passed" | "replied" | "seen" | "trashed";

/** The bit of each flag in `Marks`. */
export const FLAG_MARK: Readonly<Record<Flag, Marks>> = {
  draft: 1 << 26,
  flagged: 1 << 27,
  passed: 1 << 28,
  replied: 1 << 29,
  seen: 1 << 30,
  trashed: 1 << 31,
};

/** All bits that stand for keywords. */
export const KEYWORD_MARKS: Marks = (1 << 26) - 1;

/** Letters in the order of their bits. */
const LETTERS = "abcdefghijklmnopqrstuvwxyzDFPRST";

/** The bits of the letters; a letter that means nothing here has none. */
export function marksOf(letters: string): Marks {
  let marks = 0;
  for (const letter of letters) {
    const bit = LETTERS.indexOf(letter);
    if (bit >= 0) marks |= 1 << bit;
  }
  return marks;
}

/**
 * The letters of the bits in ASCII order, as Maildir wants them. `others` are letters of the old name
 * that mean nothing here: another program put them there and finds them again.
 */
export function lettersOf(marks: Marks, others = ""): string {
  const ours = lettersOfBits(marks & ~KEYWORD_MARKS) + lettersOfBits(marks & KEYWORD_MARKS);
  const unknown = [...others].filter((letter) => !LETTERS.includes(letter));
  return unknown.length === 0 ? ours : [...ours, ...unknown].sort().join("");
}

function lettersOfBits(bits: Marks): string {
  let letters = "";
  for (let rest = bits; rest !== 0; rest &= rest - 1)
    letters += LETTERS.charAt(31 - Math.clz32(rest & -rest));
  return letters;
}

/** The flags among the bits. */
export function flagsOf(marks: Marks): Flag[] {
  return FLAGS.filter((flag) => (marks & FLAG_MARK[flag]) !== 0);
}

/** The bits of the flags. */
export function marksOfFlags(flags: readonly Flag[]): Marks {
  return flags.reduce((marks, flag) => marks | FLAG_MARK[flag], 0);
}

const FLAGS = Object.keys(FLAG_MARK) as Flag[];
