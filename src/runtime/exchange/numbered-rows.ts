// Rows with the number by which they can be put into the order of their source again: that of their chunk, then which
// of its rows they are. It is a column (BIGINT) before the hidden ones.

import type { LinearMemory } from '../../data/memory.ts';
import type { OwnedInputPlan } from '../../plan/exchange.ts';
import { ownBlock, ownOf } from '../operators/row-image.ts';
import { BatchView } from './batch-view.ts';

export class NumberedRows {
  readonly #memory: LinearMemory;
  readonly #view: BatchView;
  /** Address of the numbers. */
  readonly #numbers: number;
  #chunk = 0;
  /** Number of this run's first chunk. */
  #first = 0;
  #rows = 0;

  /** `arrival`: column of the numbers. */
  constructor(
    memory: LinearMemory,
    { schema }: OwnedInputPlan,
    { arrival, batchRows }: { arrival: number; batchRows: number },
  ) {
    this.#memory = memory;
    const columns = schema.map((_, column) => (column < arrival ? column : column - 1));
    columns[arrival] = -1;
    this.#numbers = memory.allocate(batchRows * 8);
    this.#view = new BatchView(memory, columns);
    this.#view.setColumn(arrival, this.#numbers);
  }

  /** The rows that follow are of this chunk; its number is behind those of earlier runs. */
  begin(chunk: number): void {
    this.#chunk = (this.#first + chunk) | 0;
    this.#rows = 0;
  }

  /** Chunks have been numbered before, by a run that this one goes on with. */
  goOn(first: number): void {
    this.#first = first;
  }

  /** @returns the rows with their numbers, until the next call */
  number(batch: number, rows: number): number {
    this.#memory.kernels.exchangeNumber(this.#numbers, this.#chunk, this.#rows, rows);
    this.#rows += rows;
    return this.#view.point(batch);
  }
}

/** What is saved of the numbers: that of the first chunk after the checkpoint. */
export function saveNumber(chunk: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, chunk, true);
  return ownBlock(bytes);
}

/** What `saveNumber` has made; null for another block. */
export function numberIn(block: Uint8Array): number | null {
  const bytes = ownOf(block);
  return bytes === null ? null : new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
}
