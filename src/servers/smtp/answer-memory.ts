import type { Resolve } from "./resolve-budget.ts";

type Answer = Awaited<ReturnType<Resolve>>;

export interface AnswerMemoryOptions {
  /** How long an answer is given to whoever asks the same again. */
  readonly ms: number;
  readonly now: () => Date;
}

/** More answers are not remembered: the oldest are forgotten. */
const MAX_ANSWERS = 1000;
/** Nor larger ones: a key has 400 characters, and the sender's DNS says how long its records are. */
const MAX_CHARACTERS = 4096;
/** That there is no such name, or nothing of this type, is an answer; everything else is to be asked again. */
const NEGATIVE = ["ENOTFOUND", "ENODATA"];

interface Remembered {
  readonly answer: Promise<Answer>;
  until: number;
}

/**
 * Asks what several messages want to know at the same time, or within some seconds, only once: they come in
 * bursts from one sender, and each needs the same three to ten answers. Node does not tell for how long an
 * answer is valid, so the time is to be shorter than any domain would have it.
 */
export function withMemory(resolve: Resolve, { ms, now }: AnswerMemoryOptions): Resolve {
  const remembered = new Map<string, Remembered>();

  function ask(key: string, name: string, type: string): Remembered {
    // Until it is answered, whoever asks waits for the same answer.
    const asked: Remembered = { answer: resolve(name, type), until: Number.POSITIVE_INFINITY };
    remembered.set(key, asked);
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_ANSWERS && oldest !== undefined) remembered.delete(oldest);
    const settle = (isWorthIt: boolean) => {
      asked.until = isWorthIt ? now().getTime() + ms : 0;
      if (!isWorthIt && remembered.get(key) === asked) remembered.delete(key);
    };
    asked.answer.then(
      (answer) => settle(JSON.stringify(answer).length <= MAX_CHARACTERS),
      (failure) => settle(NEGATIVE.includes((failure as NodeJS.ErrnoException).code ?? "")),
    );
    return asked;
  }
  return async (name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const found = remembered.get(key);
    const isFresh = found !== undefined && now().getTime() < found.until;
    if (found && !isFresh) remembered.delete(key); // asked anew, it is the youngest
    const { answer } = found && isFresh ? found : ask(key, name, type);
    // SPF sorts and writes into what it is given. An error of its own for everybody would take as long as asking.
    return answer.then(copyOf, (failure) => {
      throw Object.create(failure);
    });
  };
}

function copyOf(answer: Answer): Answer {
  return answer.map((record) => (Array.isArray(record) ? [...record] : record)) as Answer;
}
