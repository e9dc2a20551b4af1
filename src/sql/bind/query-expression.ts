// Queries of queries: WITH, subqueries in FROM, UNION ALL. Each SELECT by itself is query.ts.
//
// Every part is a node of its own in the plan, and one that is read twice is computed once. The parts of a stream
// `bars` are `bars.with.name`, `bars.from` or `bars.from.alias`, and `bars.union1`, `bars.union2`, …
//
// EMIT, ALLOW LATENESS and LATE DATA are the statement's: they go to its outermost SELECT, and windows below come out
// as they close.

import { assert } from '../../base/assert.ts';
import { LaminarError } from '../../base/errors.ts';
import type { Identifier, Span } from '../ast.ts';
import type { CommonTable, JoinReference, Query, QueryExpression, TableReference } from '../ast-query.ts';
import { changelogOfNode, refuseChanges } from './changes.ts';
import { checkPlainEmit } from './emit.ts';
import { withoutGroupedSubqueries } from './grouped-subqueries.ts';
import { joinEmit } from './join-emit.ts';
import { tablesOf, withPlanNames } from './join-names.ts';
import { joinNodes } from './join-node.ts';
import { pushWhere } from './join-push.ts';
import { tablesTree } from './join-tree.ts';
import type { LogicalNode } from './logical.ts';
import { refuseLookup } from './lookup-table.ts';
import { finalTable } from './order.ts';
import { bindQuery, latenessWithoutWindow, type QueryContext } from './query.ts';
import { renamedColumns } from './sink-columns.ts';
import { type AskedSubquery, subqueriesOf, withSubquery } from './subqueries.ts';
import { hasSubqueryValues, withSubqueryValues } from './subquery-values.ts';
import { refuseVersions } from './temporal-clause.ts';
import { unionOf } from './union.ts';

/** Finds what a name in FROM stands for. `known`: names that would also do, for the message. @throws LMN-2002 */
export type FindTable = (name: Identifier, known: readonly string[]) => LogicalNode;

/** A query's place, before it is known what it reads. */
export interface QueryPlace extends Omit<QueryContext, 'input'> {
  find: FindTable;
}

/** Binds a query with everything in it. @throws LMN-20nn */
export function bindQueryExpression(query: QueryExpression, place: QueryPlace): LogicalNode {
  const find = query.with.length === 0 ? place.find : commonTables(query.with, place);
  const here = { ...place, find };
  const node = query.kind === 'union' ? bindUnion(query, here) : bindSelect(query, here);
  return place.emit?.mode === 'final' && changelogOfNode(node) !== 'append' ? finalTable(node) : node;
}

function bindSelect(written: Query, place: QueryPlace): LogicalNode {
  const query = withoutGroupedSubqueries(written, place.text);
  const { subqueries, rest } = subqueriesOf(query.where);
  const over = { ...query, where: rest };
  if (query.from.kind === 'join' || subqueries.length > 0 || hasSubqueryValues(over)) {
    return bindJoinQuery(over, subqueries, place);
  }
  const input = bindTable(query.from, place);
  const name = tableName(query.from) ?? 'the subquery';
  refuseLookup(input, name, placeOf(query.from));
  refuseVersions(query.from);
  const node = bindQuery(query, { ...place, input }, { name, columns: input.columns });
  refuseChanges(node, { name, span: placeOf(query.from) });
  return node;
}

type Table = Exclude<TableReference, JoinReference>;

/** A query over several tables: over what their join gives, under the names of the plan. */
function bindJoinQuery(query: Query, subqueries: readonly AskedSubquery[], place: QueryPlace): LogicalNode {
  let unnamed = 0;
  const bindOne = (table: Table) => {
    const isNameless = table.alias === null && table.kind === 'subquery';
    const suffix = isNameless && unnamed++ > 0 ? `from${unnamed}` : undefined;
    const node = bindTable(table, place, suffix);
    const name = tableName(table);
    return { node, name };
  };
  let asked = 0;
  const bindInner = (inner: QueryExpression) => bindQueryExpression(inner, partOf(place, `subquery${++asked}`));
  const tables = tablesTree(query.from, bindOne, place);
  const inner = { context: place, text: place.text, bindTable: bindOne, bindQuery: bindInner };
  const filtered = subqueries.reduce((outer, subquery) => withSubquery(outer, subquery, inner), tables);
  const { query: plain, tree } = withSubqueryValues(query, filtered, inner);
  const named = withPlanNames(plain, tree.names);
  assert(tree.kind === 'join', 'there are several tables');
  const pushed = pushWhere(named, tree, place);
  const input = joinNodes(tree, { id: `${place.id}.join`, notices: place.notices, emit: joinEmit(place.emit) });
  const name = tablesOf(tree.names);
  const node = bindQuery(pushed, { ...place, input }, { name, columns: input.columns, isJoin: true });
  refuseChanges(node, { name, span: query.from.span });
  return node;
}

/** What a table is called in its query, null for a subquery without a name. */
function tableName(table: Table): string | null {
  if (table.alias !== null) return table.alias.name;
  return table.kind === 'name' ? table.name.name : null;
}

/** A part of a statement. */
function partOf(place: QueryPlace, suffix: string): QueryPlace {
  return { ...place, id: `${place.id}.${suffix}`, emit: null, lateness: null, late: null, lateRows: [] };
}

function bindTable(table: Table, place: QueryPlace, suffix = 'from'): LogicalNode {
  if (table.kind === 'name') return place.find(table.name, []);
  const part = table.alias === null ? suffix : `from.${idOf(table.alias)}`;
  return bindQueryExpression(table.query, partOf(place, part));
}

/** Each sees those before it. @throws LMN-2001 for a name that is there twice. */
function commonTables(tables: readonly CommonTable[], place: QueryPlace): FindTable {
  const bound = new Map<string, LogicalNode>();
  const names: string[] = [];
  const find: FindTable = (name, known) => bound.get(name.name.toLowerCase()) ?? place.find(name, [...names, ...known]);
  for (const { name, columns, query } of tables) {
    const key = name.name.toLowerCase();
    if (bound.has(key)) {
      throw new LaminarError('LMN-2001', `WITH has two queries called ${name.name}`, {
        hint: 'give one of them another name',
        at: { span: name.span },
      });
    }
    const part = partOf({ ...place, find }, `with.${idOf(name)}`);
    const node = bindQueryExpression(query, columns.length === 0 ? part : { ...part, id: `${part.id}.all` });
    const renamed = { id: part.id, names: columns, owner: name.name };
    bound.set(key, columns.length === 0 ? node : renamedColumns(node, renamed));
    names.push(name.name);
  }
  return find;
}

/** @throws LMN-2110, and what each SELECT throws. */
function bindUnion(query: Extract<QueryExpression, { kind: 'union' }>, place: QueryPlace): LogicalNode {
  const { id, emit, lateness, late } = place;
  const inputs = query.inputs.map((input, index) => ({
    node: bindQueryExpression(input, partOf(place, `union${index + 1}`)),
    span: input.span,
  }));
  const union = unionOf(id, inputs);
  if (lateness !== null) throw latenessWithoutWindow(lateness);
  if (late !== null) {
    throw new LaminarError('LMN-2064', 'LATE DATA TO needs a window in GROUP BY, and UNION ALL has none', {
      hint: 'make a stream of the query with the window, and write it there',
      at: { span: late.span },
    });
  }
  checkPlainEmit(emit, union);
  return union;
}

function placeOf(table: Table): Span {
  return table.kind === 'name' ? table.name.span : table.span;
}

function idOf({ name }: Identifier): string {
  return /[.#"]/.test(name) ? JSON.stringify(name) : name;
}
