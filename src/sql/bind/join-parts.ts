// Parts of joins as nodes of the plan: tables, keys, and the projections around a join. See join-node.ts.

import { BOOLEAN } from '../../data/type.ts';
import type { BoundExpression } from '../expression.ts';
import { countColumns, rewriteExpression } from '../optimize/rewrite.ts';
import type { JoinedPair } from './join-tree.ts';
import type { JoinNode, LogicalNode, ProjectNode, RelationColumn } from './logical.ts';
import { columnAt } from './order.ts';

/** The rows of a table that its filters let through, under the names of the plan. */
export function filtered(
  input: LogicalNode,
  columns: readonly RelationColumn[],
  filters: readonly BoundExpression[],
  id: string,
): ProjectNode {
  const outputs = input.columns.map(columnAt);
  return { kind: 'project', id, input, filter: allOf(filters), outputs, columns };
}

/** A condition that asks for all of these, null for none. */
export function allOf(conditions: readonly BoundExpression[]): BoundExpression | null {
  const [first, ...rest] = conditions;
  if (first === undefined || rest.length === 0) return first ?? null;
  const nullable = conditions.some((condition) => condition.nullable);
  return { kind: 'and', operands: [...conditions], type: first.type, nullable, span: first.span };
}

/** A condition that says that something of the left rows equals something of the right ones. */
export function keyOf(condition: BoundExpression, leftCount: number): Key | null {
  if (condition.kind !== 'compare' || condition.operator !== '=') return null;
  const { left, right } = condition;
  const sides = [left, right].map((e) => [...countColumns([e]).keys()]) as [number[], number[]];
  if (sides.some((columns) => columns.length === 0)) return null;
  const isLeft = (columns: readonly number[]) => columns.every((index) => index < leftCount);
  const isRight = (columns: readonly number[]) => columns.every((index) => index >= leftCount);
  const shift = (e: BoundExpression) => placed(e, (index) => index - leftCount);
  if (isLeft(sides[0]) && isRight(sides[1])) return { left, right: shift(right) };
  return isLeft(sides[1]) && isRight(sides[0]) ? { left: right, right: shift(left) } : null;
}

/** The expression with its columns at other places. */
export function placed(expression: BoundExpression, place: (index: number) => number): BoundExpression {
  return rewriteExpression(expression, (e) => (e.kind === 'column' ? { ...e, index: place(e.index) } : e));
}

/** A projection of the columns of a side, and behind them its keys that are none. */
export function withKeys(
  input: LogicalNode,
  keys: readonly BoundExpression[],
  id: string,
): { node: ProjectNode; keys: number[] } {
  const outputs: BoundExpression[] = input.columns.map(columnAt);
  const columns: RelationColumn[] = [...input.columns];
  const places = keys.map((key, index) => {
    if (key.kind === 'column') return key.index;
    const { type, nullable } = key;
    outputs.push(key);
    return columns.push({ name: `key${index + 1}`, type, nullable, time: null, field: null }) - 1;
  });
  return { node: { kind: 'project', id, input, filter: null, outputs, columns }, keys: places };
}

/** The rows of a side, each with TRUE behind its columns. */
export function marked(input: LogicalNode, id: string): ProjectNode {
  const mark: BoundExpression = {
    kind: 'literal',
    value: true,
    type: BOOLEAN,
    nullable: false,
    span: { start: 0, end: 0 },
  };
  const outputs = [...input.columns.map(columnAt), mark];
  const column = { name: 'mark', type: BOOLEAN, nullable: false, time: null, field: null };
  return { kind: 'project', id, input, filter: null, outputs, columns: [...input.columns, column] };
}

/** What must be equal: of the left side, and of the right one. */
export interface Key {
  left: BoundExpression;
  right: BoundExpression;
}

/** Adds the columns that USING makes of both sides. */
export function withMerged(input: JoinNode, { merged, columns }: JoinedPair): ProjectNode {
  const outputs = [...input.columns.map(columnAt), ...merged];
  const made = columns.slice(input.columns.length);
  return {
    kind: 'project',
    id: `${input.id}.using`,
    input,
    filter: null,
    outputs,
    columns: [...input.columns, ...made],
  };
}
