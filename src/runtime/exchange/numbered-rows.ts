// Rows with the number by which they can be put into the order of their source again: that of their chunk, then which
// of its rows they are. It is a column (BIGINT) before the hidden ones.

import type { LinearMemory } from '../../data/memory.ts';
import type { ExchangeInput } from '../../plan/exchange.ts';
import { BatchView } from './batch-view.ts';

export class NumberedRows {
  readonly #memory: LinearMemory;
  readonly #view: BatchView;
  /** Address of the numbers. */
  readonly #numbers: number;
  #chunk = 0;
  #rows = 0;

  /** `arrival`: column of the numbers. */
  constructor(
    memory: LinearMemory,
    { schema }: ExchangeInput,
    { arrival, batchRows }: { arrival: number; batchRows: number },
  ) {
    this.#memory = memory;
    const columns = schema.map((_, column) => (column < arrival ? column : column - 1));
    columns[arrival] = -1;
    this.#numbers = memory.allocate(batchRows * 8);
    this.#view = new BatchView(memory, columns);
    this.#view.setColumn(arrival, this.#numbers);
  }

  /** The rows that follow are of this chunk. */
  begin(chunk: number): void {
    this.#chunk = chunk;
    this.#rows = 0;
  }

  /** @returns the rows with their numbers, until the next call */
  number(batch: number, rows: number): number {
    this.#memory.kernels.exchangeNumber(this.#numbers, this.#chunk, this.#rows, rows);
    this.#rows += rows;
    return this.#view.point(batch);
  }
}
