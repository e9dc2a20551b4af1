// The hash of keys by which rows belong to cores (kernels/exchange-groups.ts): that of an aggregate that groups by them.

import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import type { AggregateNode } from '../../plan/aggregate-node.ts';
import { createAggregate } from './aggregate.ts';

export interface HashedKeys {
  schema: Schema;
  /** Columns. */
  keys: readonly number[];
  /** The keys of another input are compared with these. */
  isOneOfTwo: boolean;
}

/**
 * Rows of two inputs with equal keys must have equal hashes: there a key that cannot be NULL is packed as one that can.
 * @returns the state of an aggregate that has no rows
 */
export function createHashing(memory: LinearMemory, { schema, keys, isOneOfTwo }: HashedKeys): number {
  const hashed = keys.flatMap((column) => {
    const key = schema[column];
    return key === undefined ? [] : [{ ...key, nullable: key.nullable || isOneOfTwo }];
  });
  const node: AggregateNode = {
    kind: 'aggregate',
    id: 'keys',
    inputs: [],
    schema: hashed,
    keyCount: keys.length,
    window: null,
    aggregates: [],
    emit: { on: 'close' },
    idleMicros: null,
    lateColumns: null,
  };
  const output = { emit: () => {}, watermark: () => {}, idle: () => {}, end: () => {} };
  return createAggregate(memory, node, hashed, 1, output).state;
}
