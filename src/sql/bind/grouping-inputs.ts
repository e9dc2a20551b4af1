// The columns of the projection below an aggregation: keys first, then whatever aggregates and the window ask for.

import type { BoundExpression } from '../expression.ts';
import { expressionText } from '../expression-text.ts';

interface GroupInput {
  name: string;
  bound: BoundExpression;
  shape: string;
}

export class GroupInputs {
  readonly columns: GroupInput[] = [];

  /** Keys have their own places: an aggregate over the same expression does not share them. */
  addKey(name: string, bound: BoundExpression): void {
    this.columns.push({ name, bound, shape: '' });
  }

  /** Index of the column that computes `bound`; equal expressions share one. */
  indexOf(bound: BoundExpression): number {
    const shape = shapeOf(bound);
    const same = this.columns.findIndex((input) => input.shape === shape);
    return same >= 0 ? same : this.columns.push({ name: expressionText(bound), bound, shape }) - 1;
  }
}

/** Equal for expressions that compute the same, wherever they stand. */
export function shapeOf(bound: BoundExpression): string {
  return JSON.stringify(bound, (key, value) => {
    if (key === 'span') return undefined;
    return typeof value === 'bigint' ? { bigint: String(value) } : value;
  });
}
