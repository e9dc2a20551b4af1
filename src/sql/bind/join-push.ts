// Conditions on their way into a tree of joins: each goes as far down as it may. See join-tree.ts.
//
// Below an outer join goes only what is about rows that come out in any case; what WHERE says of rows that may be missing
// stays behind it.

import { LaminarError } from '../../base/errors.ts';
import type { Expression } from '../ast-expression.ts';
import type { JoinType, Query } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { countColumns, rewriteExpression } from '../optimize/rewrite.ts';
import { bindCondition } from './expressions.ts';
import type { JoinedPair, JoinTree } from './join-tree.ts';
import { lookupOf } from './lookup-table.ts';
import { inputScope, type QueryContext } from './query.ts';
import type { Relation } from './scope.ts';

/** The parts of a condition that must all be TRUE. */
export function conjuncts(condition: BoundExpression): BoundExpression[] {
  return condition.kind === 'and' ? condition.operands.flatMap(conjuncts) : [condition];
}

/** The sides of an outer join whose rows come out in any case, on which ON decides nothing but what they match. */
export const KEEPS_LEFT: ReadonlySet<JoinType> = new Set(['left', 'full', 'anti', 'mark']);
export const KEEPS_RIGHT: ReadonlySet<JoinType> = new Set(['right', 'full']);

/** Moves a condition of ON below the join, if it is about one side. @returns whether it did */
export function pushOn(pair: JoinedPair, condition: BoundExpression): boolean {
  const side = sideOf(pair, condition);
  // Which version there is, is known before anything is asked of it.
  if (pair.temporal !== null && side === 'right') return false;
  if (side === 'left' && !KEEPS_LEFT.has(pair.join)) return push(pair.left, condition);
  return side === 'right' && !KEEPS_RIGHT.has(pair.join) && push(pair.right, shifted(condition, pair));
}

function sideOf({ left, right }: JoinedPair, condition: BoundExpression): 'left' | 'right' | 'both' | 'none' {
  const used = [...countColumns([condition]).keys()];
  const count = left.columns.length;
  if (used.length === 0) return 'none';
  if (used.every((index) => index < count)) return 'left';
  return used.every((index) => index >= count && index < count + right.columns.length) ? 'right' : 'both';
}

function shifted(condition: BoundExpression, { left }: JoinedPair): BoundExpression {
  const shift = left.columns.length;
  return rewriteExpression(condition, (e) => (e.kind === 'column' ? { ...e, index: e.index - shift } : e));
}

/** Gives a condition on the result of a tree to whoever can take it. @returns false when nobody can */
function push(tree: JoinTree, condition: BoundExpression): boolean {
  if (tree.kind === 'probe') {
    const isBelow = [...countColumns([condition]).keys()].every((index) => index < tree.input.columns.length);
    return isBelow && push(tree.input, condition);
  }
  if (tree.kind === 'table') {
    if (lookupOf(tree.node) !== null) return false;
    tree.filters.push(condition);
    return true;
  }
  const { join, left, right, asof, temporal } = tree;
  const side = sideOf(tree, condition);
  // What an ASOF join matches is decided before anything is said of the match.
  if (asof !== null || temporal !== null) return side === 'left' && push(left, condition);
  if (side === 'left' && join !== 'right' && join !== 'full') return push(left, condition);
  if (side === 'right' && (join === 'inner' || join === 'right')) return push(right, shifted(condition, tree));
  if (join !== 'inner' || side === 'none') return false;
  if (side === 'both' && usesMerged(tree, condition)) return false;
  tree.conditions.push(condition);
  return true;
}

function usesMerged({ left, right }: JoinedPair, condition: BoundExpression): boolean {
  return [...countColumns([condition]).keys()].some((index) => index >= left.columns.length + right.columns.length);
}

/** The query without what its WHERE says that the joins can do. Its names are those of the plan. */
export function pushWhere(query: Query, tree: JoinedPair, context: Pick<QueryContext, 'functions'>): Query {
  if (query.where === null) return query;
  const relation: Relation = { name: 'the join', columns: tree.columns };
  const scope = inputScope(relation, context, 'WHERE');
  const left = parts(query.where).filter((part) => {
    const bound = tryBind(() => bindCondition(part, scope));
    return bound === null || !conjunctsPushed(tree, bound);
  });
  const where = left.length === 0 ? null : left.reduce((a, b) => both(a, b));
  return { ...query, where };
}

/** All of a condition's parts, or none: what stays is looked at once more. */
function conjunctsPushed(tree: JoinedPair, condition: BoundExpression): boolean {
  const results = conjuncts(condition).map((part) => push(tree, part));
  return results.every((pushed) => pushed);
}

/** What AND puts together, as written. */
export function parts(expression: Expression): Expression[] {
  if (expression.kind !== 'binary' || expression.operator !== 'AND') return [expression];
  return [...parts(expression.left), ...parts(expression.right)];
}

function both(left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator: 'AND', left, right, span: { start: left.span.start, end: right.span.end } };
}

/** Names of UNNEST are not known yet, and errors are found again where all are. */
function tryBind(bind: () => BoundExpression): BoundExpression | null {
  try {
    return bind();
  } catch (error) {
    if (error instanceof LaminarError) return null;
    throw error;
  }
}
