// ROW_NUMBER, RANK and DENSE_RANK on one core where rows come and go: what comes out are changes (kernels/ranked.ts).
//
// Nothing can be promised of the event time of rows that may still come out: no watermark is passed on.

import {
  OVER_KEEP,
  OVER_KEY_COUNT,
  OVER_KEYS,
  OVER_PARTITION_BYTES,
  PARTITION_HEADER_BYTES,
} from '../../../kernels/layout-over.ts';
import * as layout from '../../../kernels/layout-ranked.ts';
import {
  FIELD_BYTES,
  FIELD_NULL_OFFSET,
  FIELD_OFFSET,
  FIELD_PHYSICAL,
  SORTER_KEY_COUNT,
  SORTER_KEYS,
  SORTER_USED_BYTES,
} from '../../../kernels/layout-rows.ts';
import { assert } from '../../base/assert.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { OverFunction, OverNode } from '../../plan/ordered-nodes.ts';
import type { StateImage } from '../../state/snapshot.ts';
import type { Operator, Output } from './operator.ts';
import { restoreRows } from './row-image.ts';
import { layOutRow, type RowField, writeOrder, writeRowStore } from './row-layout.ts';

const CODES: Partial<Record<OverFunction, number>> = {
  row_number: layout.RANKED_ROW_NUMBER,
  rank: layout.RANKED_RANK,
  dense_rank: layout.RANKED_DENSE_RANK,
};

/** Makes the operator of an over node whose results change. `batchRows`: most rows of a batch going out, 2 at least. */
export function createRanked(memory: LinearMemory, node: OverNode, batchRows: number, output: Output): Operator {
  return new Ranked(memory, node, { batchRows, output });
}

class Ranked implements Operator {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #state: number;
  readonly #batch: number;
  #isClosed = false;

  constructor(memory: LinearMemory, node: OverNode, parts: { batchRows: number; output: Output }) {
    this.id = node.id;
    this.#memory = memory;
    this.#output = parts.output;
    this.#batch = createBatch(memory, node.schema, parts.batchRows);
    this.#state = createState(memory, node);
    memory.kernels.rankedInit(this.#state);
    memory.refresh();
  }

  process(batch: number): void {
    const memory = this.#memory;
    for (let isDone = 0; isDone === 0; ) {
      isDone = memory.kernels.rankedProcess(this.#state, batch, this.#batch);
      memory.refresh();
      if (rowCountOf(memory, this.#batch) > 0) this.#output.emit(this.#batch);
    }
  }

  onWatermark(): void {}

  onIdle(): void {}

  onEnd(): void {
    this.#output.end();
  }

  save(): StateImage {
    return { begin: 'rankedSave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    const load = (): void => this.#memory.kernels.rankedLoad(this.#state);
    restoreRows(this.#memory, block, { rows: [this.#state], load });
  }

  /** No row is late here. */
  lateCount(): number {
    return 0;
  }

  keyCount(): number {
    return this.#isClosed ? 0 : this.#memory.kernels.overKeyCount(this.#state);
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + SORTER_USED_BYTES);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.kernels.rankedDestroy(this.#state);
    this.#memory.refresh();
  }
}

function createState(memory: LinearMemory, node: OverNode): number {
  const { schema, partition, order, ties, keep, functions, updating } = node;
  assert(updating !== null && ties === null, `${node.id} gives changes`);
  const state = memory.allocateZeroed(layout.RANKED_STATE_BYTES);
  const set = (offset: number, value: number): void => memory.store32(state + offset, value);
  const visible = schema.filter(({ hidden }) => hidden !== true);
  const { fields, end } = layOutRow(visible.slice(0, visible.length - functions.length));
  writeRowStore(memory, state, { fields, fixedBytes: end });
  set(SORTER_KEY_COUNT, order.length);
  set(SORTER_KEYS, writeOrder(memory, fields, order));
  set(OVER_KEEP, keep ?? 0);
  set(OVER_KEY_COUNT, partition.length);
  set(OVER_KEYS, writeKeys(memory, fields, partition));
  set(OVER_PARTITION_BYTES, PARTITION_HEADER_BYTES + layout.RANKED_LIST_BYTES);
  set(layout.RANKED_CHANGES_IN, updating.changeColumn ?? -1);
  set(layout.RANKED_CHANGES_OUT, changeColumnOf(schema));
  const results = memory.allocate(Math.max(functions.length * 4, 1));
  functions.forEach((spec, index) => {
    const code = CODES[spec.function];
    assert(code !== undefined, `${spec.text} is kept up to date`);
    memory.store32(results + index * 4, code);
  });
  set(layout.RANKED_RESULT_COUNT, functions.length);
  set(layout.RANKED_RESULTS, results);
  return state;
}

function writeKeys(memory: LinearMemory, fields: readonly RowField[], columns: readonly number[]): number {
  const at = memory.allocate(Math.max(columns.length * FIELD_BYTES, 1));
  columns.forEach((column, index) => {
    const { physical, offset, nullOffset } = fields[column] as RowField;
    memory.store32(at + index * FIELD_BYTES + FIELD_PHYSICAL, physical);
    memory.store32(at + index * FIELD_BYTES + FIELD_OFFSET, offset);
    memory.store32(at + index * FIELD_BYTES + FIELD_NULL_OFFSET, nullOffset);
  });
  return at;
}
