// What the kernels know the cache of a lookup by (kernels/lookup-cache.ts), besides what every lookup has.

import { BATCH_COLUMNS, COLUMN_BYTES, COLUMN_DATA, COLUMN_VALIDITY } from '../../../kernels/layout.ts';
import * as layout from '../../../kernels/layout-lookup.ts';
import { createBatch } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import { PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { LookupCache } from '../../plan/lookup-node.ts';
import type { SourceNode } from '../../plan/source-node.ts';

interface CacheShape {
  inputSchemas: readonly [Schema, Schema];
  batchRows: number;
  cache: LookupCache;
  /** The lookup table. */
  table: SourceNode;
  /** Where the fields of a row end. */
  end: number;
}

export function writeCacheState(memory: LinearMemory, state: number, shape: CacheShape): void {
  const { inputSchemas, batchRows, cache, table, end } = shape;
  const [stream, rows] = inputSchemas;
  const set = (offset: number, value: number): void => memory.store32(state + offset, value);
  const columns = memory.allocate(Math.max(stream.length * 4, 4));
  stream.forEach(({ type }, index) => {
    memory.store32(columns + index * 4, PHYSICAL_CODES[physicalOf(type)]);
  });
  memory.f64[(state + layout.LOOKUP_CACHE_TTL) >>> 3] =
    cache.ttlMicros === 0 ? Number.POSITIVE_INFINITY : cache.ttlMicros / 1000;
  // Below 0: not even within the millisecond.
  memory.f64[(state + layout.LOOKUP_CACHE_MISSING_TTL) >>> 3] = (cache.missingTtlMicros || -1) / 1000;
  set(layout.LOOKUP_CACHE_ROWS_MAX, cache.rowsMax);
  set(layout.LOOKUP_CACHE_EXTRA, end);
  set(layout.LOOKUP_CACHE_VIEW, createNulls(memory, rows, batchRows));
  set(layout.LOOKUP_CACHE_COLUMN_COUNT, stream.length);
  set(layout.LOOKUP_CACHE_COLUMNS, columns);
  set(layout.LOOKUP_CACHE_ASKED, memory.allocate(batchRows * 4));
  set(layout.LOOKUP_CACHE_DROPS, table.onError === 'null' ? 0 : 1);
}

/** A batch of the schema all of whose columns show the same zeros. */
function createNulls(memory: LinearMemory, schema: Schema, batchRows: number): number {
  const visible = schema.filter(({ hidden }) => hidden !== true);
  const zeros = memory.allocateZeroed(batchRows * 8);
  const batch = createBatch(
    memory,
    visible,
    batchRows,
    visible.map(() => true),
  );
  visible.forEach(({ nullable }, index) => {
    const column = batch + BATCH_COLUMNS + index * COLUMN_BYTES;
    memory.store32(column + COLUMN_DATA, zeros);
    memory.store32(column + COLUMN_VALIDITY, nullable ? zeros : 0);
  });
  return batch;
}
