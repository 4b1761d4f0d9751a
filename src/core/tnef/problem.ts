/** What can be wrong with a TNEF stream; the door says which of them make it worthless. */
export type TnefProblemCode =
  | "not-tnef" // no signature
  | "unreadable" // no message in it, or a meeting that cannot be told safely
  | "truncated" // the stream ends inside an attribute; what came before was used
  | "bad-level" // an attribute that is neither message nor attachment; what came before was used
  | "bad-checksum" // used all the same
  | "bad-properties" // a property list whose counts or lengths lie; what came before was used
  | "bad-recurrence" // a series read as a single event, or without some of its exceptions
  | "bad-time-zone" // a zone structure that was ignored
  | "too-many" // attachments, recipients or exceptions beyond a limit were dropped
  | "too-deep"; // a message embedded too deeply was dropped

/** Something wrong with the input, found and survived. */
export interface Problem<Code extends string = string> {
  readonly code: Code;
  /** Octets from the start of the input. */
  readonly offset: number;
  readonly message: string;
}

/** Always a value, plus what was wrong with the octets it came from. */
export interface Parsed<T, Code extends string = string> {
  readonly value: T;
  readonly problems: readonly Problem<Code>[];
}

/** Notes a problem at the first octet of `where`, which must be a part of the input. */
export type Report = (code: TnefProblemCode, where: Uint8Array, message: string) => void;

// A stream of a million broken attributes would otherwise be answered with a million objects.
const MAX_PROBLEMS = 100;

/** Collects the problems of `input`; those beyond the first hundred are not kept. */
export function collectProblems(input: Uint8Array): {
  readonly problems: readonly Problem<TnefProblemCode>[];
  readonly report: Report;
} {
  const problems: Problem<TnefProblemCode>[] = [];
  return {
    problems,
    report(code, where, message) {
      if (problems.length === MAX_PROBLEMS) return;
      problems.push({ code, offset: where.byteOffset - input.byteOffset, message });
    },
  };
}
