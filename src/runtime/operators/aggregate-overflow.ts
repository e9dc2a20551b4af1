// What is said of a result that does not fit its type.

import { LaminarError } from '../../base/errors.ts';
import { rowCountOf, valueAt } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { AggregateNode } from '../../plan/aggregate-node.ts';

/** What is known of it: `call`: 1 + its index; of the groups of its window for how many, 0 of 0 where nobody counts. */
export interface Overflow {
  call: number;
  failed: number;
  groups: number;
}

/** The group is the row behind those of the batch: its keys are there. @returns LMN-3051 */
export function overflowOf(
  memory: LinearMemory,
  { id, schema, keyCount, aggregates }: AggregateNode,
  batch: number,
  { call, failed, groups }: Overflow,
): LaminarError {
  const row = rowCountOf(memory, batch);
  const spec = aggregates[call - 1];
  const keys = schema.slice(0, keyCount).map((column, index) => {
    const value = valueAt(memory, batch, { column: index, row, type: column.type });
    return `${column.name} = ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`;
  });
  const count = groups <= 1 ? '' : ` for ${failed} of ${groups} keys`;
  const first = keys.length === 0 ? '' : `, the first ${keys.join(', ')}`;
  return new LaminarError('LMN-3051', `${spec?.text} does not fit ${spec?.result.kind}${count}${first}`, {
    hint: 'Sum a DOUBLE instead: SUM(CAST(x AS DOUBLE)), or group into smaller windows.',
    at: { name: id },
  });
}
