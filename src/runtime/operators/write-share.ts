// Tells kernels what a core takes of states that were saved of shares of an operator's keys.

import { BATCH_CAPACITY, BATCH_COLUMN_COUNT, BATCH_COLUMNS, COLUMN_BYTES } from '../../../kernels/layout.ts';
import { FIELD_BYTES, FIELD_NULL_OFFSET, FIELD_OFFSET, FIELD_PHYSICAL } from '../../../kernels/layout-rows.ts';
import * as layout from '../../../kernels/layout-share.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import type { JoinNode } from '../../plan/join-node.ts';
import { createHashing, type HashedKeys } from './key-hashing.ts';
import type { KeyShare } from './operator.ts';
import { layOutRow, type RowField } from './row-layout.ts';

/** `to`: address of SHARE_*; `isCounted`: as in Stateful.beginShare. */
export function writeShare(memory: LinearMemory, to: number, { core, cores }: KeyShare, isCounted: boolean): void {
  memory.store32(to + layout.SHARE_CORE, core);
  memory.store32(to + layout.SHARE_CORES, cores);
  memory.store32(to + layout.SHARE_COUNTS, isCounted ? 1 : 0);
}

/**
 * What is taken of kept rows, of which not all are the core's: `fields` are those of the columns in a row. @returns the
 * address of SHARE_*, to be completed by `writeShare`
 */
export function createRowShare(
  memory: LinearMemory,
  { cores }: KeyShare,
  { fields, ...hashed }: HashedKeys & { fields: readonly RowField[] },
): number {
  const share = memory.allocateZeroed(layout.SHARE_BYTES);
  if (cores === 1) return share;
  const { keys } = hashed;
  const hashing = createHashing(memory, hashed);
  const batch = memory.allocateZeroed(BATCH_COLUMNS + keys.length * COLUMN_BYTES);
  memory.store32(batch + BATCH_COLUMN_COUNT, keys.length);
  memory.store32(batch + BATCH_CAPACITY, 1);
  const list = memory.allocate(keys.length * FIELD_BYTES);
  const references = memory.allocateZeroed(keys.length * 8);
  keys.forEach((column, index) => {
    const { physical, offset, nullOffset } = fields[column] as RowField;
    memory.store32(list + index * FIELD_BYTES + FIELD_PHYSICAL, physical);
    memory.store32(list + index * FIELD_BYTES + FIELD_OFFSET, offset);
    memory.store32(list + index * FIELD_BYTES + FIELD_NULL_OFFSET, nullOffset);
  });
  memory.store32(share + layout.SHARE_HASHING, hashing);
  memory.store32(share + layout.SHARE_BATCH, batch);
  memory.store32(share + layout.SHARE_KEY_COUNT, keys.length);
  memory.store32(share + layout.SHARE_KEYS, list);
  memory.store32(share + layout.SHARE_REFERENCES, references);
  return share;
}

/** The same of the kept rows of a join, of its left and its right input. */
export function createJoinShares(
  memory: LinearMemory,
  share: KeyShare,
  keys: JoinNode['keys'],
  inputSchemas: readonly [Schema, Schema],
): number[] {
  return inputSchemas.map((inputSchema, side) => {
    const schema = inputSchema.filter((column) => column.hidden !== true);
    const columns = keys.map((key) => (side === 0 ? key.left : key.right));
    return createRowShare(memory, share, { schema, keys: columns, isOneOfTwo: true, fields: layOutRow(schema).fields });
  });
}
