// A lookup on one core (kernels/lookup.ts): rows in, the same rows with what a table has for their key out.
//
//   port 0   the rows: looked up at once, so that watermarks pass
//   port 1   the table: its rows are gathered, and are the table at the end of its source; or each of them changes the
//            table at once, in which case where the two inputs stand to each other decides what is found

import { READ_SLACK } from '../../../kernels/layout.ts';
import * as layout from '../../../kernels/layout-lookup.ts';
import { columnData, columnValidity, createBatch, rowCountOf } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Column, Schema } from '../../data/schema.ts';
import { PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { LiveTable, LookupNode } from '../../plan/lookup-node.ts';
import type { StateImage } from '../../state/snapshot.ts';
import type { TableKeeper } from '../lookup-source.ts';
import type { BlockWriter, Input, Output, SeveralInputs } from './operator.ts';
import { restoreRows } from './row-image.ts';
import { layOutRow, type RowField, writeRowStore } from './row-layout.ts';
import { imageBlocks } from './state-image.ts';

export interface LookupParts {
  /** Of the rows, and of the table. */
  inputSchemas: readonly [Schema, Schema];
  batchRows: number;
  output: Output;
}

/** Makes the operator of a lookup node. `batchRows`: most rows of a batch that comes. */
export function createLookup(memory: LinearMemory, node: LookupNode, parts: LookupParts): SeveralInputs & TableKeeper {
  return new LookupOperator(memory, node, parts);
}

class LookupOperator implements SeveralInputs, TableKeeper {
  readonly id: string;
  readonly ports: readonly [Input, Input];
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #batch: number;
  readonly #state: number;
  /** Changes of a stream keep the table up to date. */
  readonly #isLive: boolean;
  #isClosed = false;

  constructor(memory: LinearMemory, node: LookupNode, { inputSchemas, batchRows, output }: LookupParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#output = output;
    this.#batch = createBatch(memory, node.schema, batchRows);
    this.#state = createLookupState(memory, node, { inputSchemas, batchRows, batch: this.#batch }).state;
    memory.kernels.lookupInit(this.#state);
    memory.refresh();
    const rows: Input = {
      process: (batch) => this.#process(batch),
      onWatermark: (cell) => output.watermark(cell),
      onIdle: () => output.idle(),
      onEnd: () => output.end(),
    };
    const { live } = node;
    const table: Input = {
      process: live === null ? (batch) => this.#gather(batch) : (batch) => this.#update(batch, live),
      onWatermark: () => {},
      onIdle: () => {},
      onEnd: live === null ? () => this.#commit() : () => {},
    };
    this.ports = [rows, table];
    this.#isLive = live !== null;
  }

  image(write: BlockWriter): void {
    for (const { parts } of imageBlocks(this.#memory, this.#image)) write(parts[0] as Uint8Array);
  }

  get #image(): StateImage {
    return { begin: 'lookupSave', state: this.#state };
  }

  load(blocks: readonly Uint8Array[]): void {
    this.#memory.kernels.lookupClear(this.#state);
    for (const block of blocks) this.restore(block);
  }

  abandon(): void {
    this.#memory.kernels.lookupAbandon(this.#state);
    this.#memory.refresh();
  }

  /** Rows of the table. */
  keyCount(): number {
    return this.#memory.load32(this.#state + layout.LOOKUP_ROW_COUNT);
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + layout.LOOKUP_USED_BYTES);
  }

  /** A table that is read anew whenever a run starts is not kept. */
  save(): StateImage | null {
    return this.#isLive ? this.#image : null;
  }

  restore(block: Uint8Array): void {
    const load = (): void => this.#memory.kernels.lookupLoad(this.#state);
    restoreRows(this.#memory, block, { rows: [this.#state + layout.LOOKUP_ROWS], load });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.kernels.lookupDestroy(this.#state);
    this.#memory.refresh();
  }

  #process(batch: number): void {
    this.#memory.kernels.lookupProcess(this.#state, batch, this.#batch);
    if (rowCountOf(this.#memory, this.#batch) > 0) this.#output.emit(this.#batch);
  }

  #gather(batch: number): void {
    this.#memory.kernels.lookupAdd(this.#state, batch);
    this.#memory.refresh();
  }

  #update(batch: number, { column, isUpsert }: LiveTable): void {
    this.#memory.kernels.lookupUpdate(this.#state, batch, column ?? -1, isUpsert ? 1 : 0);
    this.#memory.refresh();
  }

  #commit(): void {
    this.#memory.kernels.lookupCommit(this.#state);
    this.#memory.refresh();
  }
}

interface Shape extends Pick<LookupParts, 'inputSchemas' | 'batchRows'> {
  /** The batch going out. */
  batch: number;
  /** Of the state, and of what a row has behind its fields. */
  stateBytes?: number;
  rowBytes?: number;
}

/** What the kernels know a lookup by. */
export function createLookupState(memory: LinearMemory, node: LookupNode, shape: Shape) {
  const { inputSchemas, batchRows, stateBytes = layout.LOOKUP_STATE_BYTES, rowBytes = 0 } = shape;
  const state = memory.allocateZeroed(stateBytes);
  const { fields, end } = layOutRow(inputSchemas[1].filter(({ hidden }) => hidden !== true));
  writeRowStore(memory, state + layout.LOOKUP_ROWS, { fields, fixedBytes: end + rowBytes });
  const set = (offset: number, value: number): void => memory.store32(state + offset, value);
  set(layout.LOOKUP_KEY_COUNT, node.keys.length);
  set(layout.LOOKUP_KEYS, writeKeys(memory, node, fields));
  set(layout.LOOKUP_KEEPS_ALL, node.join === 'left' ? 1 : 0);
  set(layout.LOOKUP_OUTPUT_COUNT, node.outputs.length);
  set(layout.LOOKUP_OUTPUTS, writeOutputs(memory, node, { fields, batch: shape.batch }));
  set(layout.LOOKUP_HASHES, memory.allocate(Math.max(batchRows, KEEP_ROWS) * 8 + READ_SLACK));
  set(layout.LOOKUP_FOUND, memory.allocate(batchRows * 4 + READ_SLACK));
  set(layout.LOOKUP_SELECTED, memory.allocate(Math.max(batchRows, KEEP_ROWS) * 4 + READ_SLACK));
  return { state, fields, end };
}

/** Rows of a table are gathered so many at a time. */
const KEEP_ROWS = 256;

function writeKeys(memory: LinearMemory, { keys }: LookupNode, fields: readonly RowField[]): number {
  const address = memory.allocate(keys.length * layout.LOOKUP_KEY_BYTES);
  keys.forEach(({ left, right }, index) => {
    const at = address + index * layout.LOOKUP_KEY_BYTES;
    const { physical, offset } = fields[right] as RowField;
    memory.store32(at + layout.LOOKUP_KEY_PHYSICAL, physical);
    memory.store32(at + layout.LOOKUP_KEY_STREAM, left);
    memory.store32(at + layout.LOOKUP_KEY_TABLE, right);
    memory.store32(at + layout.LOOKUP_KEY_OFFSET, offset);
  });
  return address;
}

function writeOutputs(
  memory: LinearMemory,
  { outputs, schema }: LookupNode,
  { fields, batch }: { fields: readonly RowField[]; batch: number },
): number {
  const address = memory.allocate(Math.max(outputs.length * layout.LOOKUP_OUTPUT_BYTES, 1));
  outputs.forEach(({ side, column }, index) => {
    const at = address + index * layout.LOOKUP_OUTPUT_BYTES;
    const field = side === 1 ? (fields[column] as RowField) : null;
    memory.store32(at + layout.LOOKUP_OUTPUT_SIDE, side);
    memory.store32(at + layout.LOOKUP_OUTPUT_COLUMN, column);
    memory.store32(at + layout.LOOKUP_OUTPUT_OFFSET, field?.offset ?? 0);
    memory.store32(at + layout.LOOKUP_OUTPUT_NULL_OFFSET, field?.nullOffset ?? -1);
    const physical = PHYSICAL_CODES[physicalOf((schema[index] as Column).type)];
    memory.store32(at + layout.LOOKUP_OUTPUT_PHYSICAL, physical);
    memory.store32(at + layout.LOOKUP_OUTPUT_DATA, columnData(memory, batch, index));
    memory.store32(at + layout.LOOKUP_OUTPUT_VALIDITY, columnValidity(memory, batch, index));
  });
  return address;
}
