// The input of an over node: the query below, with columns for what its functions take.

import type { BoundExpression } from '../expression.ts';
import { expressionText } from '../expression-text.ts';
import { shapeOf } from './grouping-inputs.ts';
import type { ProjectNode, RelationColumn } from './logical.ts';

/** The columns of the query below, and those made of them that functions take. */
export class OverInputs {
  readonly #outputs: BoundExpression[];
  readonly #columns: RelationColumn[];
  readonly #below: ProjectNode;

  constructor(below: ProjectNode) {
    this.#below = below;
    this.#outputs = [...below.outputs];
    this.#columns = [...below.columns];
  }

  get project(): ProjectNode {
    return { ...this.#below, outputs: this.#outputs, columns: this.#columns };
  }

  at(index: number): BoundExpression {
    return this.#outputs[index] as BoundExpression;
  }

  /** Index of the column that computes `bound`. */
  indexOf(bound: BoundExpression): number {
    const shape = shapeOf(bound);
    const same = this.#outputs.findIndex((output) => shapeOf(output) === shape);
    if (same >= 0) return same;
    const { type, nullable } = bound;
    this.#columns.push({ name: expressionText(bound), type, nullable, time: null, field: null });
    return this.#outputs.push(bound) - 1;
  }
}
