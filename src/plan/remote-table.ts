// Of a plan: the lookups whose tables are elsewhere.

import type { PhysicalPlan, PlanNode } from './physical-plan.ts';
import type { SourceNode } from './source-node.ts';

/** The table of a lookup, if its rows are fetched when they are wanted; null for any other node. */
export function remoteTableOf({ nodes }: PhysicalPlan, node: PlanNode): SourceNode | null {
  if (node.kind !== 'lookup') return null;
  const table = nodes.find(({ id }) => id === node.inputs[1]);
  return table?.kind === 'source' && table.cache !== undefined ? table : null;
}
