// What the conditions of a join ask of a match that is found otherwise: by the key of a table, by a time.

import { BOOLEAN } from '../../data/type.ts';
import type { JoinType } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { literal } from './literals.ts';
import type { LogicalNode, ProjectNode, RelationColumn } from './logical.ts';
import { columnAt } from './order.ts';

interface MatchCondition {
  id: string;
  /** Columns of the left side, which come first. */
  leftCount: number;
  /** A column of the right side that is NULL where there is no match, and only there. */
  known: number;
  /** null: nothing is asked. */
  condition: BoundExpression | null;
}

/**
 * The rows of a join whose matches fulfil a condition. `input` has a row for each pair; of a left or anti join also for each
 * left row without a match.
 */
export function withCondition(join: JoinType, input: LogicalNode, asked: MatchCondition): ProjectNode {
  const { id, leftCount, known, condition } = asked;
  const outputs = input.columns.map(columnAt);
  const project = { kind: 'project' as const, id, input };
  if (join === 'left' && condition !== null) {
    const shown = outputs.map((output, index) => (index < leftCount ? output : onlyIf(condition, output)));
    return { ...project, filter: null, outputs: shown, columns: input.columns };
  }
  const hasBoth = join === 'inner' || join === 'left';
  return {
    ...project,
    filter: join === 'anti' ? noneOf(columnAt(input.columns[known] as RelationColumn, known), condition) : condition,
    outputs: hasBoth ? outputs : outputs.slice(0, leftCount),
    columns: hasBoth ? input.columns : input.columns.slice(0, leftCount),
  };
}

/** A column of the right side, NULL for a row that is no match. */
function onlyIf(when: BoundExpression, then: BoundExpression): BoundExpression {
  const { type, span } = then;
  return { kind: 'case', branches: [{ when, then }], otherwise: literal(null, type, span), type, nullable: true, span };
}

/** There is no row, or it is no match. */
function noneOf(operand: BoundExpression, condition: BoundExpression | null): BoundExpression {
  const { span } = operand;
  const isThere = { kind: 'is-null' as const, operand, negated: true, type: BOOLEAN, nullable: false, span };
  if (condition === null) return { ...isThere, negated: false };
  const operands = [isThere, condition];
  const when: BoundExpression = { kind: 'and', operands, type: BOOLEAN, nullable: condition.nullable, span };
  const branches = [{ when, then: literal(false, BOOLEAN, span) }];
  return { kind: 'case', branches, otherwise: literal(true, BOOLEAN, span), type: BOOLEAN, nullable: false, span };
}
