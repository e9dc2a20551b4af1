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
  /** Of the result. */
  columns: readonly RelationColumn[];
  /** null: nothing is asked. */
  condition: BoundExpression | null;
}

/**
 * The rows of a join whose matches fulfil a condition. `input` has a row for each pair; of a left or anti join also for each
 * left row without a match. Of a mark join a last column is TRUE for left rows that have one.
 */
export function withCondition(join: JoinType, input: LogicalNode, asked: MatchCondition): ProjectNode {
  const { id, leftCount, known, condition } = asked;
  const count = asked.columns.length;
  const outputs = input.columns.map(columnAt);
  const project = { kind: 'project' as const, id, input };
  if (join === 'mark') {
    const mark = asked.columns.at(-1) as RelationColumn;
    const left = input.columns.slice(0, leftCount);
    const isThere = oneOf(columnAt(input.columns[known] as RelationColumn, known), condition);
    const marked = onlyIf(isThere, literal(true, BOOLEAN, isThere.span));
    return { ...project, filter: null, outputs: [...outputs.slice(0, leftCount), marked], columns: [...left, mark] };
  }
  if (join === 'left' && condition !== null) {
    const shown = outputs.map((output, index) => (index < leftCount ? output : onlyIf(condition, output)));
    return { ...project, filter: null, outputs: shown.slice(0, count), columns: input.columns.slice(0, count) };
  }
  const hasBoth = join === 'inner' || join === 'left';
  return {
    ...project,
    filter: join === 'anti' ? noneOf(columnAt(input.columns[known] as RelationColumn, known), condition) : condition,
    outputs: outputs.slice(0, hasBoth ? count : leftCount),
    columns: input.columns.slice(0, hasBoth ? count : leftCount),
  };
}

/** A column of the right side, NULL for a row that is no match. */
function onlyIf(when: BoundExpression, then: BoundExpression): BoundExpression {
  const { type, span } = then;
  return { kind: 'case', branches: [{ when, then }], otherwise: literal(null, type, span), type, nullable: true, span };
}

/** There is a row, and it is a match. */
function oneOf(known: BoundExpression, condition: BoundExpression | null): BoundExpression {
  const { span } = known;
  const isThere = { kind: 'is-null' as const, operand: known, negated: true, type: BOOLEAN, nullable: false, span };
  if (condition === null) return isThere;
  return { kind: 'and', operands: [isThere, condition], type: BOOLEAN, nullable: condition.nullable, span };
}

/** There is no row, or it is no match. */
function noneOf(known: BoundExpression, condition: BoundExpression | null): BoundExpression {
  const { span } = known;
  if (condition === null)
    return { kind: 'is-null', operand: known, negated: false, type: BOOLEAN, nullable: false, span };
  const branches = [{ when: oneOf(known, condition), then: literal(false, BOOLEAN, span) }];
  return { kind: 'case', branches, otherwise: literal(true, BOOLEAN, span), type: BOOLEAN, nullable: false, span };
}
