// Rows of a partition that cannot come out are not kept: a filter on ROW_NUMBER, over partitions whose rows come at the
// end of the input, says how many of each are enough.
//
//   σ row_number ≤ n (over row_number (x))  ⇒  σ row_number ≤ n (over row_number, first n (x))
//
// Only where nothing else is computed over the partition, and nobody else reads it.

import type { LogicalPipeline, OverNode } from '../bind/logical.ts';
import type { BoundExpression } from '../expression.ts';
import { countReaders, rewriteNodes } from './rewrite.ts';

/** Above this, keeping the first rows of a partition in order costs more than sorting all. */
const ROWS_MAX = 100;

export function limitPartitions(pipeline: LogicalPipeline): LogicalPipeline {
  const readers = countReaders(pipeline);
  return rewriteNodes(pipeline, (node) => {
    if (node.kind !== 'project' || node.filter === null || node.input.kind !== 'over') return node;
    const over = node.input;
    if (!mayLimit(over) || readers.get(over.id) !== 1) return node;
    const conditions = node.filter.kind === 'and' ? node.filter.operands : [node.filter];
    const keep = Math.min(...conditions.map((condition) => rowsOf(condition, over)));
    return keep >= 1 && keep <= ROWS_MAX ? { ...node, input: { ...over, keep } } : node;
  });
}

function mayLimit({ time, functions }: OverNode): boolean {
  return time === null && functions.length > 0 && functions.every((spec) => spec.function === 'row_number');
}

/** The greatest ROW_NUMBER that a condition lets through, Infinity when it says nothing of it. */
function rowsOf(condition: BoundExpression, over: OverNode): number {
  if (condition.kind !== 'compare') return Number.POSITIVE_INFINITY;
  const { left, right, operator } = condition;
  const isNumber = (e: BoundExpression) => e.kind === 'column' && e.index >= over.input.columns.length;
  if (isNumber(right)) return least(left, FLIPPED[operator] ?? operator);
  return isNumber(left) ? least(right, operator) : Number.POSITIVE_INFINITY;
}

const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function least(bound: BoundExpression, operator: string): number {
  if (bound.kind !== 'literal' || (typeof bound.value !== 'bigint' && typeof bound.value !== 'number')) {
    return Number.POSITIVE_INFINITY;
  }
  const value = Number(bound.value);
  if (operator === '<=' || operator === '=') return Math.floor(value);
  return operator === '<' ? Math.ceil(value) - 1 : Number.POSITIVE_INFINITY;
}
