// FROM with several tables: a tree of joins, each with the conditions that it must fulfil.
//
//   a JOIN b ON … LEFT JOIN c USING (k)      left(inner(a, b), c)
//
// A condition, of ON or of the query's WHERE, goes as far down as it may (join-push.ts). How a join then finds its rows is
// join-node.ts.

import { LaminarError } from '../../base/errors.ts';
import type { Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { JoinReference, JoinType, TableReference } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { compare } from './conditions.ts';
import { bindCondition } from './expressions.ts';
import { nearestOf } from './join-asof.ts';
import { type JoinedColumn, type JoinedNames, usedColumn, withJoinedNames } from './join-names.ts';
import { conjuncts, KEEPS_LEFT, KEEPS_RIGHT, parts, pushOn } from './join-push.ts';
import type { LogicalNode, RelationColumn } from './logical.ts';
import { columnAt } from './order.ts';
import { type ProbeTree, probeMatch, probeTree } from './probe-join.ts';
import { inputScope, type QueryContext } from './query.ts';
import type { Relation } from './scope.ts';
import { refuseVersions, type TemporalClause, temporalOf } from './temporal-clause.ts';

export type JoinTree = JoinedTable | JoinedPair | ProbeTree;

interface Tree {
  names: JoinedNames;
  /** One for each of `names.columns`. */
  columns: readonly RelationColumn[];
}

export interface JoinedTable extends Tree {
  kind: 'table';
  node: LogicalNode;
  filters: BoundExpression[];
  span: Span;
}

export interface JoinedPair extends Tree {
  kind: 'join';
  join: JoinType;
  left: JoinTree;
  right: JoinTree;
  /** Over the columns of the left tree, then those of the right one. */
  conditions: BoundExpression[];
  /** ASOF: what MATCH_CONDITION says; the first part only names the times of NEAREST. */
  asof: { comparisons: BoundExpression[]; isNearest: boolean } | null;
  /** FOR SYSTEM_TIME AS OF: the right side as it was, or is. */
  temporal: TemporalClause | null;
  /** Columns behind those of both sides, over them: what USING makes of a FULL JOIN. */
  merged: BoundExpression[];
  span: Span;
}

/** Binds one table of FROM. */
export type BindTable = (table: Exclude<TableReference, JoinReference>) => { node: LogicalNode; name: string | null };

/** @throws LMN-2001 for two tables of one name, and what the conditions throw. */
export function tablesTree(
  from: TableReference,
  bindTable: BindTable,
  context: Pick<QueryContext, 'functions'>,
): JoinTree {
  const taken = new Set<string>();
  let unnamed = 0;
  const bindTree = (table: TableReference): JoinTree => {
    if (table.kind === 'join') {
      refuseVersions(table.left);
      return bindPair(table, bindTree(table.left), bindTree(table.right));
    }
    const { node, name } = bindTable(table);
    if (name !== null && taken.has(name.toLowerCase())) {
      throw new LaminarError('LMN-2001', `two tables of this query are called ${name}`, {
        hint: `give one of them another name: ${name} AS ${name}2`,
        at: { span: table.span },
      });
    }
    if (name !== null) taken.add(name.toLowerCase());
    const owner = name ?? (unnamed++ === 0 ? 'subquery' : `subquery${unnamed}`);
    return tableTree(node, name, { prefix: owner, span: table.span });
  };
  const bindPair = (table: JoinReference, left: JoinTree, right: JoinTree): JoinedPair => {
    if (table.probe !== undefined) return probePair(table, probeTree(table.probe, left, context), right);
    const temporal = temporalOf(table, left, context);
    return withConditions(table, {
      ...pairOf(table, left, right),
      asof: asofOf(table, left, right, context),
      temporal,
    });
  };
  const probePair = (table: JoinReference, probes: ProbeTree, right: JoinTree): JoinedPair =>
    withConditions(table, { ...pairOf(table, probes, right), asof: probeMatch(table, probes, right) });
  const withConditions = (table: JoinReference, pair: JoinedPair): JoinedPair => {
    const conditions = conditionsOf(table, pair, context);
    for (const condition of conditions) if (!pushOn(pair, condition)) pair.conditions.push(condition);
    return pair;
  };
  return bindTree(from);
}

/** One table. `prefix`: what its columns are called by in the plan. */
export function tableTree(
  node: LogicalNode,
  owner: string | null,
  { prefix, span }: { prefix: string; span: Span },
): JoinedTable {
  const columns = node.columns.map(({ name }): JoinedColumn => {
    return { owner, name, unique: `${prefix}.${name}`, isMerged: false };
  });
  const named = node.columns.map((column, index) => ({ ...column, name: (columns[index] as JoinedColumn).unique }));
  return { kind: 'table', node, filters: [], names: { columns, star: [...columns.keys()] }, columns: named, span };
}

// --- the columns of a join ---

function pairOf(table: JoinReference, left: JoinTree, right: JoinTree): JoinedPair {
  const { join, span } = table;
  const isSemi = join === 'semi' || join === 'anti';
  const base = {
    kind: 'join' as const,
    join,
    left,
    right,
    conditions: [],
    asof: null,
    temporal: null,
    merged: [],
    span,
  };
  if (isSemi) return { ...base, names: left.names, columns: left.columns };
  const columns = [
    ...left.columns.map((column) => (join === 'right' || join === 'full' ? padded(column) : column)),
    ...right.columns.map((column) => (join === 'left' || join === 'full' ? padded(column) : column)),
  ];
  const shift = (index: number) => index + left.columns.length;
  const names = {
    columns: [...left.names.columns, ...right.names.columns],
    star: [...left.names.star, ...right.names.star.map(shift)],
  };
  const pairs = usedPairs(table, left.names, right.names);
  return pairs.length === 0 ? { ...base, names, columns } : merge({ ...base, names, columns }, pairs);
}

/** A column of rows that may be missing. */
function padded(column: RelationColumn): RelationColumn {
  const { edge: _, ...rest } = column;
  return { ...rest, nullable: true, time: null, field: null };
}

/** Columns that USING or NATURAL takes for one. */
function usedPairs({ condition }: JoinReference, left: JoinedNames, right: JoinedNames): [number, number][] {
  if (condition?.kind === 'using') {
    return condition.columns.map((name) => [usedColumn(name, left), usedColumn(name, right)]);
  }
  if (condition?.kind !== 'natural') return [];
  const { span } = condition;
  const shared = left.star.map((index) => left.columns[index] as JoinedColumn);
  const isShared = ({ name }: JoinedColumn) =>
    right.star.some((index) => right.columns[index]?.name.toLowerCase() === name.toLowerCase());
  return shared.filter(isShared).map(({ name }) => {
    const identifier = { name, quoted: true, span };
    return [usedColumn(identifier, left), usedColumn(identifier, right)];
  });
}

/** One column of each pair is meant by the name alone, and comes first in `*`. */
function merge(pair: JoinedPair, pairs: readonly [number, number][]): JoinedPair {
  const { left, join } = pair;
  const count = left.columns.length;
  const names = [...pair.names.columns];
  const columns = [...pair.columns];
  const merged: BoundExpression[] = [];
  const first = pairs.map(([l, r]): number => {
    const hide = (index: number) => {
      names[index] = { ...(names[index] as JoinedColumn), isMerged: true };
    };
    if (join !== 'right') hide(count + r);
    if (join === 'right' || join === 'full') hide(l);
    if (join !== 'full') return join === 'right' ? count + r : l;
    const { name } = names[l] as JoinedColumn;
    const both = bothOf(columns, l, count + r);
    merged.push(both);
    names.push({ owner: null, name, unique: name, isMerged: false });
    columns.push({ name, type: both.type, nullable: both.nullable, time: null, field: null });
    return names.length - 1;
  });
  const gone = new Set([...pairs.flatMap(([l, r]) => [l, count + r]), ...first]);
  const star = [...first, ...pair.names.star.filter((index) => !gone.has(index))];
  return { ...pair, merged, columns, names: { columns: names, star } };
}

function bothOf(columns: readonly RelationColumn[], left: number, right: number): BoundExpression {
  const operands = [left, right].map((index) => columnAt(columns[index] as RelationColumn, index));
  const { span } = operands[0] as BoundExpression;
  const equal = compare('=', operands[0] as BoundExpression, operands[1] as BoundExpression, span);
  const sides = equal.kind === 'compare' ? [equal.left, equal.right] : operands;
  return { kind: 'coalesce', operands: sides, type: (sides[0] as BoundExpression).type, nullable: true, span };
}

// --- conditions ---

/** What ON, USING or NATURAL ask for. */
function conditionsOf(
  table: JoinReference,
  { left, right }: JoinedPair,
  context: Pick<QueryContext, 'functions'>,
): BoundExpression[] {
  const { condition, join } = table;
  if (condition === null) return [];
  // The condition is also asked where the row of one side is missing, and its answer not used.
  const columns = [
    ...left.columns.map((column) => (KEEPS_RIGHT.has(join) ? { ...column, nullable: true } : column)),
    ...right.columns.map((column) => (KEEPS_LEFT.has(join) ? { ...column, nullable: true } : column)),
  ];
  if (condition.kind !== 'on') {
    return usedPairs(table, left.names, right.names).map(([l, r]) => {
      const operands = [l, left.columns.length + r].map((index) => columnAt(columns[index] as RelationColumn, index));
      return compare('=', operands[0] as BoundExpression, operands[1] as BoundExpression, condition.span);
    });
  }
  const names = { columns: [...left.names.columns, ...right.names.columns], star: [] };
  const relation: Relation = { name: 'the join', columns };
  const expression = withJoinedNames(condition.expression, names);
  const bound = conjuncts(bindCondition(expression, inputScope(relation, context, 'ON')));
  return bound.filter((part) => part.kind !== 'literal' || part.value !== true);
}

/** @throws LMN-2151 */
function asofOf(
  table: JoinReference,
  left: JoinTree,
  right: JoinTree,
  context: Pick<QueryContext, 'functions'>,
): JoinedPair['asof'] {
  const { asof, join } = table;
  if (asof === undefined) return null;
  if (join !== 'inner' && join !== 'left') {
    throw new LaminarError('LMN-2151', `there is no ASOF ${join.toUpperCase()} JOIN`, {
      hint: 'a left row has one match: write ASOF JOIN or ASOF LEFT JOIN',
      at: { span: table.span },
    });
  }
  if (asof.match === null) return { comparisons: [], isNearest: false };
  const [first, ...rest] = parts(asof.match) as [Expression, ...Expression[]];
  const nearest = nearestOf(first);
  const names = { columns: [...left.names.columns, ...right.names.columns], star: [] };
  const relation: Relation = { name: 'the join', columns: [...left.columns, ...right.columns] };
  const scope = inputScope(relation, context, 'MATCH_CONDITION');
  const comparisons = [nearest ?? first, ...rest].flatMap((part) =>
    conjuncts(bindCondition(withJoinedNames(part, names), scope)),
  );
  return { comparisons, isNearest: nearest !== null };
}
