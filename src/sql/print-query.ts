// Queries as SQL, in one line.

import type { Identifier } from './ast.ts';
import type { IntervalLiteral } from './ast-expression.ts';
import type {
  JoinCondition,
  JoinReference,
  JoinType,
  LimitClause,
  NamedTable,
  ProbeClause,
  Query,
  QueryExpression,
  SelectItem,
  StarItem,
  TableReference,
  UnnestReference,
} from './ast-query.ts';
import {
  printExpression,
  printInterval,
  printLabel,
  printName,
  printSortItem,
  printWindow,
} from './print-expression.ts';

/** One line, without EMIT. */
export function printQuery(query: QueryExpression): string {
  const tables = query.with.map(
    ({ name, columns, query: read }) => `${printName(name)}${printNames(columns)} AS (${printQuery(read)})`,
  );
  const before = tables.length === 0 ? '' : `WITH ${tables.join(', ')} `;
  return `${before}${query.kind === 'union' ? query.inputs.map(printUnionInput).join(' UNION ALL ') : printSelect(query)}`;
}

function printUnionInput(query: QueryExpression): string {
  const isBare = query.kind === 'query' && query.with.length + query.orderBy.length === 0 && query.limit === null;
  return isBare ? printQuery(query) : `(${printQuery(query)})`;
}

function printSelect(query: Query): string {
  const { distinctOn, items, from, unnests, where, groupBy, having, windows, qualify, orderBy, limit } = query;
  const on = distinctOn.length === 0 ? '' : `DISTINCT ON (${distinctOn.map(printExpression).join(', ')}) `;
  const distinct = query.distinct ? 'DISTINCT ' : on;
  const clauses = [
    `SELECT ${distinct}${items.map(printItem).join(', ')} FROM ${printTable(from)}${unnests.map(printUnnest).join('')}`,
  ];
  if (where !== null) clauses.push(`WHERE ${printExpression(where)}`);
  if (query.groupByAll) clauses.push('GROUP BY ALL');
  if (groupBy.length > 0) clauses.push(`GROUP BY ${groupBy.map(printExpression).join(', ')}`);
  if (having !== null) clauses.push(`HAVING ${printExpression(having)}`);
  const named = windows.map(({ name, window }) => `${printName(name)} AS ${printWindow(window)}`);
  if (named.length > 0) clauses.push(`WINDOW ${named.join(', ')}`);
  if (qualify !== null) clauses.push(`QUALIFY ${printExpression(qualify)}`);
  if (orderBy.length > 0) clauses.push(`ORDER BY ${orderBy.map(printSortItem).join(', ')}`);
  if (limit !== null) clauses.push(...printLimit(limit));
  return clauses.join(' ');
}

function printLimit({ count, offset, by }: LimitClause): string[] {
  return [
    ...(count === null ? [] : [`LIMIT ${count.text}`]),
    ...(offset === null ? [] : [`OFFSET ${offset.text}`]),
    ...(by.length === 0 ? [] : [`BY ${by.map(printExpression).join(', ')}`]),
  ];
}

function printItem(item: SelectItem): string {
  if (item.kind === 'star') return printStar(item);
  return `${printExpression(item.expression)}${item.alias === null ? '' : ` AS ${printLabel(item.alias)}`}`;
}

function printUnnest({ list, ordinality, alias, columns, outer }: UnnestReference): string {
  const names = columns.length === 0 ? '' : `(${columns.map(printLabel).join(', ')})`;
  const named = alias === null ? '' : ` AS ${printLabel(alias)}${names}`;
  const call = `UNNEST(${printExpression(list)})${ordinality ? ' WITH ORDINALITY' : ''}${named}`;
  return outer ? ` LEFT JOIN ${call} ON TRUE` : `, ${call}`;
}

function printStar({ qualifier, exclude, replace }: StarItem): string {
  const excluded = exclude.length === 0 ? '' : ` EXCLUDE (${exclude.map(printLabel).join(', ')})`;
  const list = replace.map(({ expression, name }) => `${printExpression(expression)} AS ${printLabel(name)}`);
  const replaced = list.length === 0 ? '' : ` REPLACE (${list.join(', ')})`;
  return `${qualifier === null ? '' : `${printName(qualifier)}.`}*${excluded}${replaced}`;
}

const JOINS: Readonly<Record<JoinType, string>> = {
  inner: 'JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
  semi: 'SEMI JOIN',
  anti: 'ANTI JOIN',
  mark: 'MARK JOIN',
};

function printJoin(reference: JoinReference): string {
  const { join, left, right, condition, asof, probe } = reference;
  if (probe !== undefined) return printProbe(reference, probe);
  const natural = condition?.kind === 'natural' ? 'NATURAL ' : '';
  const given = asof?.match ?? null;
  const match = given === null ? '' : ` MATCH_CONDITION (${printExpression(given)})`;
  const plain = condition === null ? 'CROSS JOIN' : `${natural}${JOINS[join]}`;
  const words = asof === undefined ? plain : `ASOF ${JOINS[join]}`;
  const other = right.kind === 'join' ? `(${printTable(right)})` : printTable(right);
  return `${printTable(left)} ${words} ${other}${match}${printJoinCondition(condition)}`;
}

function printProbe({ left, right, condition }: JoinReference, { times, offsets, alias }: ProbeClause): string {
  const other = right.kind === 'join' ? `(${printTable(right)})` : printTable(right);
  const keys = condition?.kind === 'using' ? condition.columns.map(printLabel).join(', ') : '';
  const stamps = times === null ? '' : ` TIMESTAMPS (${times.map(printLabel).join(', ')})`;
  const list = (items: readonly IntervalLiteral[]) => items.map(printInterval).join(', ');
  const step = offsets.kind === 'list' || offsets.step === null ? '' : ` STEP ${printInterval(offsets.step)}`;
  const spread =
    offsets.kind === 'list'
      ? `LIST (${list(offsets.items)})`
      : `RANGE FROM ${printInterval(offsets.from)} TO ${printInterval(offsets.to)}${step}`;
  return `${printTable(left)} TEMPORAL PROBE JOIN ${other} ON (${keys})${stamps} ${spread} AS ${printLabel(alias)}`;
}

function printJoinCondition(condition: JoinCondition | null): string {
  if (condition?.kind === 'on') return ` ON ${printExpression(condition.expression)}`;
  return condition?.kind === 'using' ? ` USING (${condition.columns.map(printLabel).join(', ')})` : '';
}

function printTable(table: TableReference): string {
  if (table.kind === 'join') return printJoin(table);
  const read = table.kind === 'name' ? printNamed(table) : `(${printQuery(table.query)})`;
  return table.alias === null ? read : `${read} AS ${printLabel(table.alias)}`;
}

function printNamed({ name, asOf }: NamedTable): string {
  if (asOf === undefined) return printName(name);
  const column = asOf.column === null ? '' : ` VERSIONED ON ${printLabel(asOf.column)}`;
  return `${printName(name)} FOR SYSTEM_TIME AS OF ${printExpression(asOf.time)}${column}`;
}

/** A list of names in parentheses, after a space; nothing of none. */
export function printNames(names: readonly Identifier[]): string {
  return names.length === 0 ? '' : ` (${names.map(printLabel).join(', ')})`;
}
