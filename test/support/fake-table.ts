// A table elsewhere, in memory: answers come when the test lets them, or at once.

import type { PlainError } from '../../src/base/errors.ts';
import type { KeyedAnswer, KeyedTable } from '../../src/connectors/connector.ts';

export class FakeTable implements KeyedTable {
  /** Rows by their key, as JSON; changed by the test as it likes. */
  readonly rows: Map<string, object>;
  /** All questions so far: keys, by row. */
  readonly asked: string[][][] = [];
  readonly #answers: KeyedAnswer[] = [{ kind: 'ready' }];
  readonly #waiting: string[][][] = [];
  /** Answers come at once, or after so many sleeps of the core. */
  isPrompt: boolean;
  isClosed = false;
  hasHurried = false;
  failure: PlainError | null = null;

  constructor(rows: Record<string, object>, isPrompt = true) {
    this.rows = new Map(Object.entries(rows));
    this.isPrompt = isPrompt;
  }

  ask(keys: string[][]): void {
    const question = (keys[0] ?? []).map((_, row) => keys.map((texts) => texts[row] as string));
    this.asked.push(question);
    this.#waiting.push(question);
    if (this.isPrompt) this.answer();
  }

  /** Answers the first question that has no answer yet. */
  answer(): void {
    const question = this.#waiting.shift();
    if (question === undefined) return;
    if (this.failure !== null) {
      this.#answers.push({ kind: 'failed', error: this.failure });
      return;
    }
    const rows = question.flatMap((key) => {
      const row = this.rows.get(key.join('|'));
      return row === undefined ? [] : [`${JSON.stringify(row)}\n`];
    });
    this.#answers.push({ kind: 'rows', records: new TextEncoder().encode(rows.join('')) });
  }

  take(): KeyedAnswer | null {
    return this.#answers.shift() ?? null;
  }

  /** Nobody else would do anything: a core that sleeps gets its answer. */
  wait(): void {
    this.answer();
  }

  hurry(): void {
    this.hasHurried = true;
  }

  close(): void {
    this.isClosed = true;
  }
}
