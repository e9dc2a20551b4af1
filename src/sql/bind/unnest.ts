// UNNEST: rows of the elements of a list, in FROM or in the select list.
//
//   FROM t, UNNEST(list) AS u(x)    t ─► unnest ─► the query, for which x is one more column
//   SELECT UNNEST(list) …           filter, lists ─► unnest ─► the select list; several lists go side by side
//
// A list that is no column is computed by a projection below. UNNEST of JSON reads it as JSON[]; what is no array has no
// elements.

import { LaminarError } from '../../base/errors.ts';
import { BIGINT, type DataType, elementOf, fieldsOf, JSON_TYPE, listOf, typeName } from '../../data/type.ts';
import type { Identifier } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { Query, UnnestReference } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { isBareNull, settle } from './coerce.ts';
import { bindExpression } from './expressions.ts';
import type { LogicalNode, ProjectNode, RelationColumn, UnnestNode } from './logical.ts';
import { bindField } from './nested.ts';
import { inputScope, type QueryContext, type SelectColumn } from './query.ts';
import type { Relation, Scope } from './scope.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** Whether an expression is a call of UNNEST. */
export function isUnnestCall(expression: Expression): expression is Call {
  return expression.kind === 'call' && expression.name.name.toLowerCase() === 'unnest';
}

/** What a query reads: its relation, and behind it the columns of every UNNEST in FROM. */
export function bindFrom(
  query: Query,
  context: QueryContext,
  reads: Relation,
): { relation: Relation; context: QueryContext } {
  let relation = reads;
  let input = context.input;
  query.unnests.forEach((unnest, index) => {
    const id = `${context.id}.unnest${index === 0 ? '' : index + 1}`;
    [relation, input] = bindReference(unnest, relation, { ...context, id, input });
  });
  return { relation, context: { ...context, input } };
}

function bindReference(unnest: UnnestReference, relation: Relation, context: QueryContext): [Relation, LogicalNode] {
  const { alias, outer } = unnest;
  const list = listIn(unnest.list, inputScope(relation, context, 'UNNEST'));
  const names = namesOf(unnest, elementOf(list.type));
  const ordinality = unnest.ordinality ? names.ordinality : null;
  const below = unnested([list], context, { names: [names.element], ordinality, outer });
  const owner = alias?.name ?? 'unnest';
  const owners = [...ownersOf(relation), ...below.columns.slice(relation.columns.length).map(() => owner)];
  const wide: Relation = { name: relation.name, columns: below.columns, owners };
  return names.fields === null ? [wide, below] : spread(below, wide, { names: names.fields, context, unnest });
}

function ownersOf(relation: Relation): readonly string[] {
  return relation.owners ?? relation.columns.map(() => relation.name);
}

interface Names {
  element: string;
  ordinality: string;
  /** One for each field of a struct, where the alias names them. */
  fields: readonly string[] | null;
}

/** `AS u(x)`, `AS u(x, n)` with ordinality, `AS u(a, b)` for the fields of a struct, `AS x`. */
function namesOf({ alias, columns, ordinality }: UnnestReference, element: DataType): Names {
  const given = columns.map(({ name }) => name);
  const own = alias?.name ?? 'unnest';
  const extra = ordinality ? 1 : 0;
  if (given.length === 0) return { element: own, ordinality: 'ordinality', fields: null };
  const fieldCount = element.kind === 'STRUCT' ? fieldsOf(element).length : 0;
  if (given.length <= 1 + extra) {
    return { element: given[0] as string, ordinality: given[1] ?? 'ordinality', fields: null };
  }
  if (given.length === fieldCount || given.length === fieldCount + extra) {
    return { element: own, ordinality: given[fieldCount] ?? 'ordinality', fields: given.slice(0, fieldCount) };
  }
  const first = columns[0] as Identifier;
  throw new LaminarError('LMN-2007', `${given.length} names for the elements of a list of ${typeName(element)}`, {
    hint: fieldCount > 0 ? `write one name, or one for each of the ${fieldCount} fields` : 'write one name: AS u(x)',
    at: { span: { start: first.span.start, end: (columns.at(-1) as Identifier).span.end } },
  });
}

/** The fields of the structs in the last columns, in their place. */
function spread(
  node: UnnestNode,
  relation: Relation,
  parts: { names: readonly string[]; context: QueryContext; unnest: UnnestReference },
): [Relation, LogicalNode] {
  const { names, context, unnest } = parts;
  const { span } = unnest;
  const elementIndex = node.columns.length - (unnest.ordinality ? 2 : 1);
  const element = columnAt(node, elementIndex);
  const fields = fieldsOf(element.type).map((field) =>
    bindField(element, { name: field.name, quoted: true, span }, span),
  );
  const owners = ownersOf(relation);
  const outputs: BoundExpression[] = [];
  const columns: RelationColumn[] = [];
  const wideOwners: string[] = [];
  node.columns.forEach((column, index) => {
    const isElement = index === elementIndex;
    outputs.push(...(isElement ? fields : [columnAt(node, index)]));
    columns.push(...(isElement ? fields.map((field, i) => made(names[i] as string, field)) : [column]));
    wideOwners.push(...(isElement ? fields : [0]).map(() => owners[index] as string));
  });
  const project: ProjectNode = {
    kind: 'project',
    id: `${context.id}.fields`,
    input: node,
    filter: null,
    outputs,
    columns,
  };
  return [{ name: relation.name, columns, owners: wideOwners }, project];
}

/** A query whose select list has UNNEST; null for any other. */
export function bindUnnestSelect(
  columns: readonly SelectColumn[],
  filter: BoundExpression | null,
  relation: Relation,
  context: QueryContext,
): { input: UnnestNode; intercept: (expression: Expression) => BoundExpression | null } | null {
  const calls = columns.flatMap(({ expression }) => callsIn(expression));
  if (calls.length === 0) return null;
  const scope = inputScope(relation, context, 'UNNEST');
  const lists = calls.map((call) => listIn(onlyArgument(call), scope));
  const names = calls.map((_, i) => `unnest${i === 0 ? '' : i + 1}`);
  const within = { ...context, id: `${context.id}.unnest` };
  const input = unnested(lists, within, { names, ordinality: null, outer: false }, filter);
  const base = relation.columns.length;
  const intercept = (expression: Expression): BoundExpression | null => {
    const index = calls.indexOf(expression as Call);
    return index < 0 ? null : { ...columnAt(input, base + index), span: expression.span };
  };
  return { input, intercept };
}

function onlyArgument(call: Call): Expression {
  const [list, ...more] = call.arguments;
  if (list !== undefined && more.length === 0) return list;
  throw new LaminarError('LMN-2007', 'UNNEST takes one list', { at: { span: call.span } });
}

/** The calls of UNNEST in an expression. */
function callsIn(expression: Expression): Call[] {
  const found: Call[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('kind' in value && isUnnestCall(value as Expression)) found.push(value as Call);
    else for (const child of Object.values(value)) visit(child);
  };
  visit(expression);
  return found;
}

/** Binds what UNNEST is given, as a list. @throws LMN-2008 */
function listIn(expression: Expression, scope: Scope): BoundExpression {
  const bound = bindExpression(expression, scope);
  const { type, span } = bound;
  if (type.kind === 'LIST') return settle(bound);
  if (isBareNull(bound)) return { ...bound, type: listOf({ kind: 'INTEGER' }) };
  if (type.kind === 'JSON') {
    return { kind: 'cast', operand: bound, try: true, type: listOf(JSON_TYPE), nullable: true, span };
  }
  throw new LaminarError('LMN-2008', `UNNEST takes a list, this is ${typeName(type)}`, {
    hint: type.kind === 'VARCHAR' ? 'CAST(CAST(… AS JSON) AS JSON[]) reads a list from text' : 'such as UNNEST(tags)',
    at: { span },
  });
}

interface Unnesting {
  names: readonly string[];
  /** Name of the column of numbers. */
  ordinality: string | null;
  outer: boolean;
}

/** All columns of the input, and the elements of lists over it. */
function unnested(
  lists: readonly BoundExpression[],
  context: QueryContext,
  { names, ordinality, outer }: Unnesting,
  filter: BoundExpression | null = null,
): UnnestNode {
  const { input, columns: places } = withLists(lists, filter, context);
  const kept = context.input.columns;
  const elements = lists.map((list, i) => plainColumn(names[i] as string, elementOf(list.type)));
  const numbers = ordinality === null ? [] : [{ ...plainColumn(ordinality, BIGINT), nullable: outer }];
  return {
    kind: 'unnest',
    id: context.id,
    input,
    keeps: kept.map((_, index) => index),
    lists: places,
    ordinality: ordinality !== null,
    outer,
    columns: [...kept, ...elements, ...numbers],
  };
}

/** The input with every list as a column: by a projection, unless there are only columns and no filter. */
function withLists(
  lists: readonly BoundExpression[],
  filter: BoundExpression | null,
  { id, input }: QueryContext,
): { input: LogicalNode; columns: number[] } {
  const places = lists.map((list) => (list.kind === 'column' ? list.index : -1));
  if (filter === null && !places.includes(-1)) return { input, columns: places };
  const outputs = [...input.columns.map((_, index) => columnAt(input, index)), ...lists];
  const made = lists.map((list, i) => ({ ...plainColumn(`list${i + 1}`, list.type), nullable: list.nullable }));
  const columns = [...input.columns, ...made];
  const project: ProjectNode = { kind: 'project', id: `${id}.lists`, input, filter, outputs, columns };
  return { input: project, columns: lists.map((_, i) => input.columns.length + i) };
}

function columnAt(node: LogicalNode, index: number): BoundExpression {
  const { name, type, nullable } = node.columns[index] as RelationColumn;
  return { kind: 'column', index, name, type, nullable, span: { start: 0, end: 0 } };
}

function plainColumn(name: string, type: DataType): RelationColumn {
  return { name, type, nullable: true, time: null, field: null };
}

function made(name: string, { type, nullable }: BoundExpression): RelationColumn {
  return { name, type, nullable, time: null, field: null };
}
