// Names of a query that reads several tables: which column of which table each of them is.
//
// Inside of the plan a column of a join is called `table.column`, and the names of the query are replaced by those before
// it is bound. So behind this file a query over a join is one over a single relation.
//
//   a.x                 the column x of the table a
//   x                   of the only table that has one, or the column that USING made of several
//   *, a.*              all columns, those of USING first; a name that is there already gets a number: x, x_1

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import type { Identifier, Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { Query, SelectItem, StarItem } from '../ast-query.ts';

/** A column of a join as queries name it. */
export interface JoinedColumn {
  /** The name of its table in the query; null: it has none. */
  owner: string | null;
  /** As its table spells it. */
  name: string;
  /** What it is called in the plan. */
  unique: string;
  /** USING made one column of this and another: by its name alone that one is meant. */
  isMerged: boolean;
}

export interface JoinedNames {
  columns: readonly JoinedColumn[];
  /** Columns of `*`, in order. */
  star: readonly number[];
}

/** A query over the names of the plan. @throws LMN-2003, LMN-2150 */
export function withPlanNames(query: Query, names: JoinedNames): Query {
  const aliases = new Set(query.items.flatMap((item) => aliasOf(item) ?? []));
  const locals = new Set([...aliases, ...query.unnests.flatMap(namesOfUnnest)]);
  const any = <T>(part: T): T => renamed(part, names, { locals, prefersLocals: false });
  // ORDER BY and what is like it mean the select list first.
  const taken = new Set<string>();
  const late = <T>(part: T): T => renamed(part, names, { locals: aliases, prefersLocals: true });
  return {
    ...query,
    items: query.items.flatMap((item) =>
      item.kind === 'star' ? starItems(item, query, names, taken) : [named(item, any)],
    ),
    unnests: any(query.unnests),
    where: any(query.where),
    groupBy: any(query.groupBy),
    having: any(query.having),
    windows: any(query.windows),
    qualify: any(query.qualify),
    orderBy: late(query.orderBy),
    distinctOn: late(query.distinctOn),
    limit: late(query.limit),
  };
}

/** An expression over the names of the plan. @throws LMN-2003, LMN-2150 */
export function withJoinedNames(expression: Expression, names: JoinedNames): Expression {
  return renamed(expression, names, { locals: new Set(), prefersLocals: false });
}

/** The column that USING means on one side. @throws LMN-2003, LMN-2150 */
export function usedColumn(name: Identifier, side: JoinedNames): number {
  const index = columnNamed(side, [name], name.span);
  if (index !== null) return index;
  const nearest = nearestName(
    name.name,
    side.columns.map((column) => column.name),
  );
  const tables = tablesOf(side);
  const verb = tables.includes(' and ') ? 'have' : 'has';
  throw new LaminarError('LMN-2003', `${tables} ${verb} no column ${name.name}, which USING names`, {
    hint:
      nearest === undefined
        ? 'columns of USING are there on both sides; write ON otherwise'
        : `did you mean ${nearest}?`,
    at: { span: name.span },
  });
}

/** The tables of a join, for messages. */
export function tablesOf({ columns }: JoinedNames): string {
  const owners = [...new Set(columns.map(({ owner }) => owner ?? 'the subquery'))];
  return owners.length < 2 ? (owners[0] ?? '') : `${owners.slice(0, -1).join(', ')} and ${owners.at(-1)}`;
}

interface Locals {
  /** Lower-case names that the query itself makes. */
  locals: ReadonlySet<string>;
  /** They are meant first. */
  prefersLocals: boolean;
}

/** Replaces every name in a part of the syntax tree; subqueries have names of their own. */
function renamed<T>(part: T, names: JoinedNames, within: Locals): T {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const kind = (value as { kind?: unknown }).kind;
    if (kind === 'query' || kind === 'union') return value;
    if (kind === 'column') return renamedColumn(value as Column, names, within);
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, visit(child)]));
  };
  return visit(part) as T;
}

type Column = Extract<Expression, { kind: 'column' }>;

function renamedColumn(column: Column, names: JoinedNames, { locals, prefersLocals }: Locals): Expression {
  const { path, span } = column;
  const [first, second] = path as [Identifier, Identifier?];
  const isLocal = locals.has(first.name.toLowerCase());
  if (isLocal && prefersLocals) return column;
  const index = columnNamed(names, path, span, isLocal);
  if (index === null) return column;
  const { owner, unique } = names.columns[index] as JoinedColumn;
  const used =
    second !== undefined && owner?.toLowerCase() === first.name.toLowerCase() && hasOwner(names, first) ? 2 : 1;
  const place = { start: span.start, end: (path[used - 1] as Identifier).span.end };
  const found: Expression = { kind: 'column', path: [{ name: unique, quoted: true, span: place }], span: place };
  return path.slice(used).reduce<Expression>((operand, name) => {
    return { kind: 'field', operand, name, span: { start: span.start, end: name.span.end } };
  }, found);
}

function hasOwner({ columns }: JoinedNames, { name }: Identifier): boolean {
  return columns.some(({ owner }) => owner?.toLowerCase() === name.toLowerCase());
}

/** The column that a path begins with; null: the name is none of the join's. @throws LMN-2003, LMN-2150 */
function columnNamed(names: JoinedNames, path: readonly Identifier[], span: Span, isLocal = false): number | null {
  const [first, second] = path as [Identifier, Identifier?];
  const key = first.name.toLowerCase();
  if (second !== undefined && hasOwner(names, first)) {
    const index = names.columns.findIndex(
      ({ owner, name }) => owner?.toLowerCase() === key && name.toLowerCase() === second.name.toLowerCase(),
    );
    if (index >= 0) return index;
    throw unknownOf(first, second, names);
  }
  const found = names.columns.flatMap(({ name, isMerged }, index) =>
    name.toLowerCase() === key && !isMerged ? [index] : [],
  );
  if (found.length === 1) return found[0] as number;
  if (found.length > 1 && !isLocal) throw ambiguous(first, span, names, found);
  if (second === undefined || isLocal || found.length > 1) return null;
  const other = names.columns.find(({ name }) => name.toLowerCase() === second.name.toLowerCase());
  throw new LaminarError('LMN-2003', `this query reads ${tablesOf(names)}, not ${first.name}`, {
    ...(other === undefined ? {} : { hint: `write ${other.unique}` }),
    at: { span: first.span },
  });
}

function unknownOf(table: Identifier, name: Identifier, { columns }: JoinedNames): LaminarError {
  const own = columns.filter(({ owner }) => owner?.toLowerCase() === table.name.toLowerCase()).map((c) => c.name);
  const nearest = nearestName(name.name, own);
  const listed = own.slice(0, 12).join(', ') + (own.length > 12 ? ', …' : '');
  return new LaminarError('LMN-2003', `${table.name} has no column ${name.name}`, {
    hint: nearest === undefined ? `it has ${listed}` : `did you mean ${nearest}?`,
    at: { span: name.span },
  });
}

function ambiguous({ name }: Identifier, span: Span, { columns }: JoinedNames, found: readonly number[]): LaminarError {
  const all = found.map((index) => (columns[index] as JoinedColumn).unique);
  return new LaminarError('LMN-2150', `${name} may be ${all.join(' or ')}`, {
    hint: `write which: ${all[0]}`,
    at: { span },
  });
}

// --- the select list ---

function aliasOf(item: SelectItem): string | null {
  return item.kind === 'expression' && item.alias !== null ? item.alias.name.toLowerCase() : null;
}

function namesOfUnnest({ alias, columns }: Query['unnests'][number]): string[] {
  return [alias?.name ?? 'unnest', 'ordinality', ...columns.map(({ name }) => name)].map((name) => name.toLowerCase());
}

type Item = Extract<SelectItem, { kind: 'expression' }>;

/** A column without an alias keeps the name that its table gives it. */
function named(item: Item, any: <T>(part: T) => T): Item {
  const expression = any(item.expression);
  if (item.alias !== null || item.expression.kind !== 'column' || expression === item.expression) {
    return { ...item, expression };
  }
  const written = item.expression.path.at(-1) as Identifier;
  return { ...item, expression, alias: { ...written, quoted: true } };
}

function starItems(item: StarItem, query: Query, names: JoinedNames, taken: Set<string>): SelectItem[] {
  const { qualifier, exclude, replace, span } = item;
  if (qualifier !== null && !hasOwner(names, qualifier)) {
    if (query.unnests.some((unnest) => namesOfUnnest(unnest)[0] === qualifier.name.toLowerCase())) return [item];
    throw new LaminarError('LMN-2003', `this query reads ${tablesOf(names)}, not ${qualifier.name}`, { at: { span } });
  }
  const meant =
    qualifier === null
      ? names.star
      : [...names.columns.keys()].filter(
          (index) => names.columns[index]?.owner?.toLowerCase() === qualifier.name.toLowerCase(),
        );
  for (const { name, span: at } of [...exclude, ...replace.map((one) => one.name)]) {
    if (meant.some((index) => names.columns[index]?.name.toLowerCase() === name.toLowerCase())) continue;
    throw new LaminarError('LMN-2003', `${tablesOf(names)} has no column ${name}`, { at: { span: at } });
  }
  const items = meant.flatMap((index): SelectItem[] => {
    const { name, unique } = names.columns[index] as JoinedColumn;
    const isNamed = (other: Identifier) => other.name.toLowerCase() === name.toLowerCase();
    if (exclude.some(isNamed)) return [];
    const other = replace.find((one) => isNamed(one.name));
    const path = [{ name: unique, quoted: true, span }];
    const expression: Expression =
      other === undefined ? { kind: 'column', path, span } : withJoinedNames(other.expression, names);
    return [{ kind: 'expression', expression, alias: { name: freeName(name, taken), quoted: true, span }, span }];
  });
  const others = qualifier === null ? query.unnests.map((unnest) => starOf(unnest, span)) : [];
  return [...items, ...others];
}

/** The name, or with the first number that makes it another than those before. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 1; taken.has(free.toLowerCase()); count++) free = `${name}_${count}`;
  taken.add(free.toLowerCase());
  return free;
}

function starOf({ alias }: Query['unnests'][number], span: Span): StarItem {
  const qualifier = { name: alias?.name ?? 'unnest', quoted: true, span };
  return { kind: 'star', qualifier, exclude: [], replace: [], span };
}
