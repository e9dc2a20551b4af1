// EXPLAIN of lookups: what is looked for, and how old the answer may be.

import { formatDuration } from '../base/duration.ts';
import type { LookupCache, LookupNode } from './lookup-node.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/** The lines below a lookup. */
export function lookupDetails({ inputs, text, join, live }: LookupNode, { nodes }: PhysicalPlan): string[] {
  const table = nodes.find(({ id }) => id === inputs[1]);
  const name = table?.kind === 'source' ? table.name : '';
  const missing = join === 'left' ? ', with NULLs where there is none' : ', without those for which there is none';
  const what = live === null ? `the row of ${name}` : 'the last row';
  const details = [`looks up: ${what} where ${text.join(', ')}${live === null ? '' : ', as it is when the row comes'}`];
  details.push(`emits: rows as they come${missing}`);
  if (live !== null) return [...details, 'keeps: the last row of each key'];
  if (table?.kind === 'source' && table.cache !== undefined) return [...details, ...describeCache(name, table.cache)];
  return [...details, `keeps: all rows of ${name}, read before the first row${describeAge(table)}`];
}

function describeCache(name: string, { ttlMicros, missingTtlMicros, rowsMax, batchKeys }: LookupCache): string[] {
  const rows = ttlMicros === 0 ? '' : `, each for ${formatDuration(ttlMicros)}`;
  const missing = missingTtlMicros === 0 ? 'not at all' : `for ${formatDuration(missingTtlMicros)}`;
  return [
    `asks ${name}: for up to ${batchKeys} keys that are not in the cache; rows wait for the answer, in their order`,
    `cache: up to ${rowsMax} rows${rows}; that there is none ${missing}`,
  ];
}

function describeAge(table: PhysicalPlan['nodes'][number] | undefined): string {
  if (table?.kind !== 'source' || table.lookup === undefined) return '';
  const { refreshMicros, ttlMicros } = table.lookup;
  const parts = [
    ...(refreshMicros > 0 ? [`when they have changed, looked at every ${formatDuration(refreshMicros)}`] : []),
    ...(ttlMicros > 0 ? [`when they are ${formatDuration(ttlMicros)} old`] : []),
  ];
  return parts.length === 0 ? '' : `, and again ${parts.join(', or ')}`;
}
