import { inspect } from "node:util";

const MASK = "[secret]";

/**
 * Keeps a value from being printed: JSON, template strings, `console` and the log show a mask. Only `reveal`
 * gives the value, so every place that uses a secret is found by that name.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
