// PROCTIME() as the time of a window: the expression itself, or a column that a stream has made of it.

import type { BoundExpression } from '../expression.ts';
import type { RelationColumn } from './logical.ts';

/** Whether the expression is PROCTIME(). */
export function isClock(expression: BoundExpression): boolean {
  return expression.kind === 'call' && expression.function === 'proctime()';
}

/** What a projected column is known to be, from the column it passes on or the expression it is. */
export function clockOf(origin: RelationColumn | null, output: BoundExpression): { isClock?: true } {
  return origin?.isClock === true || isClock(output) ? { isClock: true } : {};
}
