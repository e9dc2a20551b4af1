// Changes of a left side, joined with what may be another row by the time they are taken back: versions, a table that changes.
//
//   left ─┬─► its insertions ─► left join ─► recall ─► filter, condition
//         └──────────────────────────────────► (its deletions)
//
// What a left row gave is remembered for as long as it is there. The join keeps every left row, so that each gives one.

import { BOOLEAN } from '../../data/type.ts';
import type { BoundExpression } from '../expression.ts';
import { changelogOfNode } from './changes.ts';
import { withCondition } from './join-condition.ts';
import { allOf } from './join-parts.ts';
import type { JoinedPair } from './join-tree.ts';
import type { LogicalNode, ProjectNode, RecallNode, RelationColumn } from './logical.ts';
import { columnAt } from './order.ts';

/** The rows of a changelog that come, as a stream of rows that stay. */
export function insertionsOf(left: LogicalNode, id: string): ProjectNode {
  const outputs = left.columns.map(columnAt);
  return { kind: 'project', id, input: left, filter: null, outputs, columns: left.columns, insertions: true };
}

/** Whether the rows of a left side may be taken back. */
export function isChanging(left: LogicalNode): boolean {
  return changelogOfNode(left) !== 'append';
}

/** The join as it is for the insertions: it keeps every left row, so that each gives one. */
export function keepingAll(pair: JoinedPair, leftCount: number): JoinedPair {
  const columns = pair.columns.map((column, index) => (index < leftCount ? column : { ...column, nullable: true }));
  return { ...pair, join: 'left', columns };
}

interface Recalled {
  id: string;
  /** A column that is NULL where there is no match, and only there. */
  known: number;
  /** What is asked of a match besides. */
  others: readonly BoundExpression[];
}

/** Joined rows, of which those go whose left rows do; and what the join asks of them. */
export function recalled(
  pair: JoinedPair,
  [joined, left]: readonly [LogicalNode, LogicalNode],
  { id, known, others }: Recalled,
): ProjectNode {
  const columns = joined.columns.map((column) => ({ ...column, time: null }));
  const recall: RecallNode = { kind: 'recall', id: `${id}.recall`, inputs: [joined, left], columns };
  const operand = columnAt(columns[known] as RelationColumn, known);
  const { span } = operand;
  const isThere: BoundExpression = { kind: 'is-null', operand, negated: true, type: BOOLEAN, nullable: false, span };
  const condition = allOf(pair.join === 'inner' || pair.join === 'semi' ? [isThere, ...others] : others);
  const leftCount = left.columns.length;
  return withCondition(pair.join, recall, { id, leftCount, known, columns: pair.columns, condition });
}
