// Filter and projection: one compiled function over each batch.
//
// The output batch belongs to the operator and is reused. Columns that the map passes on as they are (aliased) point
// at the input batch's storage while a batch is in hand. Strings made by expressions live on the transient stack,
// which is released once the consumers have returned.

import {
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  BATCH_WEIGHTS,
  CELL_ERROR_CODE,
  CELL_ERROR_SITE,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
} from '../../../kernels/layout.ts';
import { assert } from '../../base/assert.ts';
import { createBatch } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import { PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { MapNode } from '../../plan/physical-plan.ts';
import type { Operator, Output } from './operator.ts';

/** A compiled map: fills the output batch's columns from the input batch; returns the rows written. */
export type MapFunction = (input: number, output: number) => number;

/** Raises the error that a compiled expression reported: an ERROR_* code and an index into the plan's sites. */
export type MapFailure = (code: number, site: number) => never;

/** Makes the operator of a map node. */
export function createMap(
  memory: LinearMemory,
  node: MapNode,
  fn: MapFunction,
  batchRows: number,
  output: Output,
  onFailure: MapFailure,
): Operator {
  return new MapOperator(memory, node, { fn, batchRows, output, onFailure });
}

interface MapParts {
  fn: MapFunction;
  batchRows: number;
  output: Output;
  onFailure: MapFailure;
}

class MapOperator implements Operator {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #parts: MapParts;
  readonly #batch: number;
  /** Offsets of column descriptors in a batch: output, input, output, input, … of the aliased columns. */
  readonly #aliases: Uint32Array;
  readonly #columnCount: number;
  /** Address of the PHYSICAL_* of each column, for leaving out updates that change nothing; 0: there are none. */
  readonly #physicals: number;

  constructor(memory: LinearMemory, node: MapNode, parts: MapParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#parts = parts;
    this.#batch = createBatch(
      memory,
      node.schema,
      parts.batchRows,
      node.outputs.map((column) => column.aliased),
    );
    this.#aliases = aliasesOf(node);
    this.#columnCount = node.schema.length;
    this.#physicals = node.settles ? writePhysicals(memory, node.schema) : 0;
  }

  /** @throws LaminarError for a row that an expression cannot handle, after the rows before it were passed on. */
  process(batch: number): void {
    const memory = this.#memory;
    const { fn, output } = this.#parts;
    const mark = memory.kernels.transientMark();
    this.#pointAliases(batch);
    memory.store32(CELL_ERROR_CODE, 0);
    const rows = fn(batch, this.#batch);
    memory.refresh();
    const code = memory.load32(CELL_ERROR_CODE);
    const site = memory.load32(CELL_ERROR_SITE);
    memory.store32(this.#batch + BATCH_ROW_COUNT, rows);
    if (this.#physicals !== 0) memory.kernels.changesSettle(this.#batch, this.#physicals, this.#columnCount);
    if (memory.load32(this.#batch + BATCH_ROW_COUNT) > 0) output.emit(this.#batch);
    if (code !== 0) this.#parts.onFailure(code, site);
    memory.kernels.transientRelease(mark);
  }

  onWatermark(cell: number): void {
    this.#parts.output.watermark(cell);
  }

  onIdle(): void {
    this.#parts.output.idle();
  }

  onEnd(): void {
    this.#parts.output.end();
  }

  /** Nothing is kept between two batches. */
  save(): null {
    return null;
  }

  stateBytes(): number {
    return 0;
  }

  close(): void {}

  #pointAliases(input: number): void {
    const memory = this.#memory;
    const aliases = this.#aliases;
    const output = this.#batch;
    memory.store32(output + BATCH_WEIGHTS, memory.load32(input + BATCH_WEIGHTS));
    for (let i = 0; i < aliases.length; i += 2) {
      const to = output + (aliases[i] as number);
      const from = input + (aliases[i + 1] as number);
      memory.store32(to + COLUMN_DATA, memory.load32(from + COLUMN_DATA));
      memory.store32(to + COLUMN_VALIDITY, memory.load32(from + COLUMN_VALIDITY));
    }
  }
}

function writePhysicals(memory: LinearMemory, schema: Schema): number {
  const at = memory.allocate(schema.length * 4);
  schema.forEach((column, index) => {
    memory.store32(at + index * 4, PHYSICAL_CODES[physicalOf(column.type)]);
  });
  return at;
}

function aliasesOf(node: MapNode): Uint32Array {
  const offsets: number[] = [];
  node.outputs.forEach((column, index) => {
    if (!column.aliased) return;
    assert(column.inputColumn !== undefined, `${node.id}: the aliased column ${column.name} names its input column`);
    offsets.push(BATCH_COLUMNS + index * COLUMN_BYTES, BATCH_COLUMNS + column.inputColumn * COLUMN_BYTES);
  });
  return Uint32Array.from(offsets);
}
