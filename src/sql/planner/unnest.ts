// Plan nodes of UNNEST.

import type { Schema } from '../../data/schema.ts';
import type { UnnestNode as UnnestPlanNode } from '../../plan/physical-plan.ts';
import type { UnnestNode } from '../bind/logical.ts';
import { columnIndex, listText } from './columns.ts';

/** The columns that it keeps, hidden ones too, and an element of each list behind them. */
export function unnestNode(node: UnnestNode, inputSchema: Schema, schema: Schema): UnnestPlanNode {
  const { id, input, keeps, lists, ordinality, outer } = node;
  const base = keeps.length;
  const kept = keeps.map((column, output) => ({ column, output }));
  schema.forEach(({ name, hidden }, output) => {
    if (hidden) kept.push({ column: columnIndex(inputSchema, name), output });
  });
  return {
    kind: 'unnest',
    id,
    inputs: [input.id],
    schema,
    keeps: kept,
    lists: lists.map((column, i) => ({ column, output: base + i })),
    ordinality: ordinality ? base + lists.length : null,
    outer,
    text: lists.map((column) => listText(input, column)),
  };
}
