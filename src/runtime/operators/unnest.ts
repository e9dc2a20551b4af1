// UNNEST on one core (kernels/unnest.ts): an input batch becomes as many output batches as its elements need.
//
// Rows keep their event time and the watermark they carry, so watermarks go on as they come.

import { READ_SLACK } from '../../../kernels/layout.ts';
import * as layout from '../../../kernels/layout-rows.ts';
import { createBatch } from '../../data/batch.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { describeType } from '../../data/nested-type.ts';
import type { Column, Schema } from '../../data/schema.ts';
import { bytesOf, elementOf } from '../../data/type.ts';
import type { UnnestNode } from '../../plan/physical-plan.ts';
import type { Operator, Output } from './operator.ts';

interface UnnestParts {
  inputSchema: Schema;
  batchRows: number;
  output: Output;
}

/** Makes the operator of an unnest node. `batchRows`: most rows of a batch going out. */
export function createUnnest(memory: LinearMemory, node: UnnestNode, parts: UnnestParts): Operator {
  return new UnnestOperator(memory, node, parts);
}

class UnnestOperator implements Operator {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #state: number;
  readonly #batch: number;
  /** −1 where rows only come. */
  readonly #changeColumn: number;

  constructor(memory: LinearMemory, node: UnnestNode, { inputSchema, batchRows, output }: UnnestParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#output = output;
    this.#batch = createBatch(memory, node.schema, batchRows);
    this.#changeColumn = changeColumnOf(node.schema);
    this.#state = createState(memory, node, inputSchema, batchRows);
  }

  process(batch: number): void {
    const { kernels } = this.#memory;
    const mark = kernels.transientMark();
    kernels.unnestBegin(this.#state);
    while (kernels.unnestNext(this.#state, batch, this.#batch) > 0) {
      if (this.#changeColumn >= 0) kernels.changesApart(this.#batch, this.#changeColumn);
      this.#memory.refresh();
      this.#output.emit(this.#batch);
      kernels.transientRelease(mark);
    }
    this.#memory.refresh();
  }

  onWatermark(cell: number): void {
    this.#output.watermark(cell);
  }

  onIdle(): void {
    this.#output.idle();
  }

  onEnd(): void {
    this.#output.end();
  }

  /** Nothing is kept between two batches. */
  save(): null {
    return null;
  }

  stateBytes(): number {
    return 0;
  }

  close(): void {}
}

function createState(memory: LinearMemory, node: UnnestNode, inputSchema: Schema, batchRows: number): number {
  const state = memory.allocateZeroed(layout.UNNEST_STATE_BYTES);
  const perRow = (): number => memory.allocate(batchRows * 4 + READ_SLACK);
  const fields: [number, number][] = [
    [layout.UNNEST_LIST_COUNT, node.lists.length],
    [layout.UNNEST_LISTS, writeLists(memory, node, inputSchema, perRow)],
    [layout.UNNEST_KEEP_COUNT, node.keeps.length],
    [layout.UNNEST_KEEPS, writeKeeps(memory, node, inputSchema)],
    [layout.UNNEST_ORDINALITY, node.ordinality ?? -1],
    [layout.UNNEST_IS_OUTER, node.outer ? 1 : 0],
    [layout.UNNEST_ROWS, perRow()],
    [layout.UNNEST_NUMBERS, perRow()],
  ];
  for (const [offset, value] of fields) memory.store32(state + offset, value);
  return state;
}

function writeLists(memory: LinearMemory, node: UnnestNode, inputSchema: Schema, perRow: () => number): number {
  const lists = memory.allocateZeroed(node.lists.length * layout.UNNEST_LIST_BYTES);
  node.lists.forEach(({ column, output }, i) => {
    const { type } = inputSchema[column] as Column;
    const list = lists + i * layout.UNNEST_LIST_BYTES;
    const description = memory.store(describeType(elementOf(type)));
    const found = perRow();
    memory.store32(list + layout.UNNEST_LIST_COLUMN, column);
    memory.store32(list + layout.UNNEST_LIST_TO, output);
    memory.store32(list + layout.UNNEST_LIST_TYPE, description);
    memory.store32(list + layout.UNNEST_LIST_FOUND, found);
  });
  return lists;
}

function writeKeeps(memory: LinearMemory, node: UnnestNode, inputSchema: Schema): number {
  const keeps = memory.allocateZeroed(Math.max(node.keeps.length, 1) * layout.UNNEST_KEEP_BYTES);
  node.keeps.forEach(({ column, output }, i) => {
    const keep = keeps + i * layout.UNNEST_KEEP_BYTES;
    memory.store32(keep + layout.UNNEST_KEEP_FROM, column);
    memory.store32(keep + layout.UNNEST_KEEP_TO, output);
    memory.store32(keep + layout.UNNEST_KEEP_WIDTH, bytesOf((inputSchema[column] as Column).type));
  });
  return keeps;
}
