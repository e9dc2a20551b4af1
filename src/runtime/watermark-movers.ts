// What moves a watermark: the event time minus a delay, a mark that the record says or that is computed from it, or the
// event times of every key on its own.

import {
  BATCH_COLUMNS,
  CELL_ERROR_CODE,
  CELL_ERROR_SITE,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
} from '../../kernels/layout.ts';
import {
  EVICT_LEAST_RECENT,
  EVICT_LOWEST,
  EVICT_NONE,
  KEYED_COLUMN_COUNT,
  KEYED_COLUMNS,
  KEYED_IDLE,
  KEYED_KEYS_MAX,
  KEYED_POLICY,
} from '../../kernels/layout-time.ts';
import { assert } from '../base/assert.ts';
import { LaminarError } from '../base/errors.ts';
import { createBatch } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import { physicalCodeOf, TIMESTAMP } from '../data/type.ts';
import type { KeyedWatermark, SourceNode, SourceWatermark } from '../plan/source-node.ts';
import type { CompiledMap, CompiledMaps } from './compiled-maps.ts';
import { storeMicros, type WatermarkMover } from './split-watermark.ts';

export interface MoverContext {
  maps: CompiledMaps;
  /** Raises the error that a compiled expression reported. */
  onFailure: (code: number, site: number) => never;
  batchRows: number;
}

/** Makes what moves the watermark of one split. */
export function createMover(
  memory: LinearMemory,
  node: SourceNode,
  watermark: SourceWatermark,
  context: MoverContext,
): WatermarkMover {
  const { mark, perKey, column } = watermark;
  if (perKey !== null) return new KeyedMover(memory, node, { column, perKey, batchRows: context.batchRows });
  if (mark === null) return new TimeMover(memory, column);
  if (mark.kind === 'column') return new MarkMover(memory, mark.column);
  const compute = context.maps[mark.function];
  assert(compute !== undefined, `the plan's code has ${mark.function}`);
  return new ComputedMover(memory, compute, context);
}

/** The greatest event time, minus the delay. */
class TimeMover implements WatermarkMover {
  readonly #memory: LinearMemory;
  readonly #column: number;
  readonly progress = null;

  constructor(memory: LinearMemory, column: number) {
    this.#memory = memory;
    this.#column = column;
  }

  restart(state: number): void {
    this.#memory.kernels.watermarkInit(state);
  }

  move(state: number, batch: number, rows: number, output: number): void {
    this.#memory.kernels.watermarkAssign(state, dataOf(this.#memory, batch, this.#column), rows, output);
  }
}

/** The greatest mark of a column. */
class MarkMover implements WatermarkMover {
  readonly #memory: LinearMemory;
  readonly #column: number;
  readonly progress = null;

  constructor(memory: LinearMemory, column: number) {
    this.#memory = memory;
    this.#column = column;
  }

  restart(state: number): void {
    this.#memory.kernels.watermarkInit(state);
  }

  move(state: number, batch: number, rows: number, output: number): void {
    const memory = this.#memory;
    const descriptor = batch + BATCH_COLUMNS + this.#column * COLUMN_BYTES;
    const validity = memory.load32(descriptor + COLUMN_VALIDITY);
    memory.kernels.watermarkFollow(state, memory.load32(descriptor + COLUMN_DATA), validity, rows, output);
  }
}

/** The greatest mark that an expression computes. */
class ComputedMover implements WatermarkMover {
  readonly #memory: LinearMemory;
  readonly #compute: CompiledMap;
  readonly #onFailure: MoverContext['onFailure'];
  readonly #marks: number;
  readonly #follow: MarkMover;
  readonly progress = null;

  constructor(memory: LinearMemory, compute: CompiledMap, { batchRows, onFailure }: MoverContext) {
    this.#memory = memory;
    this.#compute = compute;
    this.#onFailure = onFailure;
    this.#marks = createBatch(memory, [{ name: 'mark', type: TIMESTAMP, nullable: true }], batchRows);
    this.#follow = new MarkMover(memory, 0);
  }

  restart(state: number): void {
    this.#follow.restart(state);
  }

  /** @throws what a computation over the rows throws. */
  move(state: number, batch: number, rows: number, output: number): void {
    const memory = this.#memory;
    const stack = memory.kernels.transientMark();
    memory.store32(CELL_ERROR_CODE, 0);
    this.#compute(batch, this.#marks);
    memory.refresh();
    const code = memory.load32(CELL_ERROR_CODE);
    if (code !== 0) this.#onFailure(code, memory.load32(CELL_ERROR_SITE));
    this.#follow.move(state, this.#marks, rows, output);
    memory.kernels.transientRelease(stack);
  }
}

const EVICTION: Record<KeyedWatermark['eviction'], number> = {
  least_recent: EVICT_LEAST_RECENT,
  lowest: EVICT_LOWEST,
  none: EVICT_NONE,
};

interface KeyedParts {
  column: number;
  perKey: KeyedWatermark;
  batchRows: number;
}

/** The least of the watermarks of all keys; rows carry that of their own key. */
class KeyedMover implements WatermarkMover {
  readonly #memory: LinearMemory;
  readonly #node: SourceNode;
  readonly #parts: KeyedParts;
  readonly #columns: number;
  readonly progress: number;
  #hasTable = false;

  constructor(memory: LinearMemory, node: SourceNode, parts: KeyedParts) {
    this.#memory = memory;
    this.#node = node;
    this.#parts = parts;
    this.progress = memory.allocate(parts.batchRows * 8);
    this.#columns = memory.allocate(parts.perKey.columns.length * 8);
    parts.perKey.columns.forEach((column, index) => {
      const type = node.schema[column]?.type;
      assert(type !== undefined, `source ${node.id} has the columns of its key`);
      memory.store32(this.#columns + index * 8, column);
      memory.store32(this.#columns + index * 8 + 4, physicalCodeOf(type));
    });
  }

  restart(state: number): void {
    const memory = this.#memory;
    const { columns, keysMax, eviction, idleMicros } = this.#parts.perKey;
    if (this.#hasTable) memory.kernels.keyedDestroy(state);
    this.#hasTable = true;
    memory.kernels.watermarkInit(state);
    memory.kernels.keyedInit(state);
    memory.refresh();
    storeMicros(memory, state + KEYED_IDLE, idleMicros);
    memory.store32(state + KEYED_KEYS_MAX, keysMax);
    memory.store32(state + KEYED_POLICY, EVICTION[eviction]);
    memory.store32(state + KEYED_COLUMN_COUNT, columns.length);
    memory.store32(state + KEYED_COLUMNS, this.#columns);
  }

  /** Its keys. */
  save(state: number): Uint8Array {
    const memory = this.#memory;
    const bytes = memory.kernels.keyedImageBytes(state);
    const at = memory.allocate(bytes);
    memory.kernels.keyedSave(state, at);
    const saved = memory.u8.slice(at, at + bytes);
    memory.kernels.release(at, bytes);
    return saved;
  }

  restore(state: number, saved: Uint8Array): void {
    const memory = this.#memory;
    const at = memory.store(saved);
    memory.kernels.keyedLoad(state, at);
    memory.kernels.release(at, saved.length);
    memory.refresh();
  }

  /** @throws LMN-5091 for a key too many when none may be forgotten. */
  move(state: number, batch: number, rows: number, output: number): void {
    const memory = this.#memory;
    const times = dataOf(memory, batch, this.#parts.column);
    const done = memory.kernels.keyedAssign(state, batch, times, rows, output, this.progress);
    memory.refresh();
    if (done === rows) return;
    throw new LaminarError('LMN-5091', `more than ${this.#parts.perKey.keysMax} keys have come`, {
      hint: 'raise watermark_keys_max, or let watermark_key_idle or watermark_key_eviction forget some',
      at: { name: `source ${this.#node.name}` },
    });
  }
}

function dataOf(memory: LinearMemory, batch: number, column: number): number {
  return memory.load32(batch + BATCH_COLUMNS + column * COLUMN_BYTES + COLUMN_DATA);
}
