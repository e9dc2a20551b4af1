// Parts of an output that is Arrow streams, one after another: cut before the first row whose values do not fit any more
// (data/output-parts.ts). A row is as long as its values: a fixed width for most types, 4 bytes and its own for a text, a
// list or a struct.

import { assert } from '../base/assert.ts';
import { columnData, columnValidity } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { OutputParts } from '../data/output-parts.ts';
import type { Column } from '../data/schema.ts';
import { bytesOf, physicalOf } from '../data/type.ts';

/** What Arrow has for each value. */
const DECIMAL_BYTES = 16;
const OFFSET_BYTES = 4;

export interface ArrowPartsOptions {
  bytesMax: number;
  /** Columns that are written, by their place in a batch. */
  columns: readonly { column: Column; index: number }[];
}

export class ArrowParts implements OutputParts {
  readonly head = 0;
  readonly headBytes = 0;
  bytes = 0;
  isComplete = false;
  readonly #memory: LinearMemory;
  readonly #options: ArrowPartsOptions;
  /** Bytes of a row without its texts; where the texts are. */
  readonly #fixedBytes: number;
  readonly #textColumns: readonly number[];
  /** Bytes of each row of the batch that was measured last. */
  #sizes = new Float64Array(0);
  /** Where streams end in what waits, and how much of that has been taken. */
  readonly #ends: number[] = [];
  #taken = 0;

  constructor(memory: LinearMemory, options: ArrowPartsOptions) {
    this.#memory = memory;
    this.#options = options;
    const { columns } = options;
    this.#fixedBytes = columns.reduce((sum, { column }) => sum + widthOf(column), 0);
    this.#textColumns = columns.filter(({ column }) => physicalOf(column.type) === 'ref').map(({ index }) => index);
  }

  /** Finds how many bytes each row of a batch has. */
  measure(batch: number, rows: number): void {
    if (this.#sizes.length < rows) this.#sizes = new Float64Array(rows);
    const memory = this.#memory;
    const sizes = this.#sizes;
    sizes.fill(this.#fixedBytes, 0, rows);
    for (const index of this.#textColumns) {
      const validity = columnValidity(memory, batch, index);
      const lengths = columnData(memory, batch, index) + 4;
      for (let row = 0; row < rows; row++) {
        if (validity === 0 || memory.u8[validity + row] !== 0) sizes[row]! += memory.load32(lengths + row * 8);
      }
    }
  }

  /** How many rows of the batch that was measured the open part takes, from `begin` on; 0: it is full. */
  fit(begin: number, end: number): number {
    const { bytesMax } = this.#options;
    const sizes = this.#sizes;
    let bytes = this.bytes;
    let row = begin;
    for (; row < end; row++) {
      const own = sizes[row] as number;
      if (bytes > 0 && bytes + own > bytesMax) break;
      bytes += own;
    }
    this.bytes = bytes;
    return row - begin;
  }

  /** The open stream ends behind so many bytes that wait. */
  noteEnd(pendingBytes: number): void {
    this.#ends.push(pendingBytes);
    this.bytes = 0;
  }

  /** What waited has been written. */
  clear(): void {
    this.#taken = 0;
  }

  take(begin: number, end: number): number {
    const next = this.#ends.shift();
    this.isComplete = next !== undefined;
    const taken = next === undefined ? end - begin : next - this.#taken;
    this.#taken += taken;
    return taken;
  }

  close(): void {
    assert(this.bytes === 0, 'a stream ends before its file');
  }
}

function widthOf({ type }: Column): number {
  if (type.kind === 'DECIMAL') return DECIMAL_BYTES;
  return physicalOf(type) === 'ref' ? OFFSET_BYTES : bytesOf(type);
}
