// Syntax trees as SQL, one statement a line: what EXPLAIN shows, and names of columns that have no alias.
//
// Printing is a normal form: printing what was parsed from printed text gives the same text.

import { unreachable } from '../base/assert.ts';
import type {
  ColumnDefinition,
  ConnectorClause,
  CreateFunction,
  CreateLookup,
  CreateSink,
  CreateSource,
  CreateStream,
  DropStatement,
  EmitClause,
  Identifier,
  LateDataClause,
  LatenessClause,
  OptionValue,
  Pipeline,
  Statement,
  WatermarkDefinition,
} from './ast.ts';
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
  isPlainWord,
  printExpression,
  printInterval,
  printLabel,
  printName,
  printSortItem,
  printText,
  printType,
  printWindow,
} from './print-expression.ts';

export { printExpression } from './print-expression.ts';

/** Statements with their semicolons, one a line. */
export function printPipeline({ statements }: Pipeline): string {
  return statements.map((statement) => `${printStatement(statement)};\n`).join('');
}

/** One line, without a semicolon. */
function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'create-source':
      return printSource(statement);
    case 'create-lookup':
      return printLookup(statement);
    case 'create-stream':
      return `${createHead(statement, FLAVOURS[statement.flavour])} AS ${printEmitted(statement)}`;
    case 'create-sink':
      return printSink(statement);
    case 'create-function':
      return printFunction(statement);
    case 'insert-into':
      return `INSERT INTO ${printName(statement.sink)}${printNames(statement.columns)} ${printEmitted(statement)}`;
    case 'drop':
      return printDrop(statement);
    case 'select':
      return printEmitted(statement);
    case 'set':
      return `SET ${printDotted(statement.name, printLabel)} = ${printValue(statement.value)}`;
    default:
      return unreachable(statement);
  }
}

function printDrop({ what, name, ifExists, cascade }: DropStatement): string {
  return `DROP ${what.toUpperCase().replace('-', ' ')} ${ifExists ? 'IF EXISTS ' : ''}${printName(name)}${cascade ? ' CASCADE' : ''}`;
}

const FLAVOURS: Readonly<Record<CreateStream['flavour'], string>> = {
  stream: 'STREAM',
  view: 'VIEW',
  'materialized-view': 'MATERIALIZED VIEW',
  'continuous-query': 'CONTINUOUS QUERY',
};

function createHead(statement: { name: Identifier; orReplace: boolean; ifNotExists: boolean }, what: string): string {
  const replace = statement.orReplace ? 'OR REPLACE ' : '';
  const exists = statement.ifNotExists ? 'IF NOT EXISTS ' : '';
  return `CREATE ${replace}${what} ${exists}${printName(statement.name)}`;
}

// --- sources and sinks ---

function printSource(source: CreateSource): string {
  const elements = [
    ...source.columns.map(printColumn),
    ...(source.watermark === null ? [] : [printWatermark(source.watermark)]),
    ...printPrimaryKey(source),
  ];
  const columns = elements.length === 0 ? '' : ` (${elements.join(', ')})`;
  const connector = source.connector === null ? '' : ` ${printConnector(source.connector, 'FROM')}`;
  return `${createHead(source, 'SOURCE')}${columns}${connector}`;
}

function printLookup(table: CreateLookup): string {
  const elements = [...table.columns.map(printColumn), ...printPrimaryKey(table)];
  return `${createHead(table, 'LOOKUP TABLE')} (${elements.join(', ')}) ${printConnector(table.connector, 'FROM')}`;
}

function printPrimaryKey({ primaryKey }: CreateSource | CreateLookup): string[] {
  return primaryKey === null ? [] : [`PRIMARY KEY (${primaryKey.columns.map(printLabel).join(', ')})`];
}

function printColumn({ name, type, path, notNull }: ColumnDefinition): string {
  const from = path === null ? '' : ` FROM ${printText(path.value)}`;
  return `${printLabel(name)} ${printType(type)}${from}${notNull ? ' NOT NULL' : ''}`;
}

function printWatermark({ column, delay }: WatermarkDefinition): string {
  return `WATERMARK FOR ${printName(column)}${delay === null ? '' : ` AS ${printExpression(delay)}`}`;
}

function printFunction(statement: CreateFunction): string {
  const parameters = statement.parameters.map(({ name, type }) => `${printName(name)} ${printType(type)}`).join(', ');
  const head = `${createHead(statement, 'FUNCTION')}(${parameters}) RETURNS ${printType(statement.result)}`;
  return `${head} LANGUAGE ${printName(statement.language)} AS $$${statement.body.source}$$`;
}

function printSink(sink: CreateSink): string {
  const connector = printConnector(sink.connector, 'INTO');
  return `${createHead(sink, 'SINK')}${printInput(sink.input)} ${connector}`;
}

function printInput(input: CreateSink['input']): string {
  if (input === null) return '';
  return input.kind === 'stream' ? ` FROM ${printName(input.name)}` : ` AS ${printEmitted(input)}`;
}

function printConnector({ name, options }: ConnectorClause, preposition: 'FROM' | 'INTO'): string {
  const list = options.map(({ key, value }) => `${printDotted(key, printKey)} = ${printValue(value)}`).join(', ');
  if (name === null) return `WITH (${list})`;
  return `${preposition} ${printName(name)}${options.length === 0 ? '' : ` (${list})`}`;
}

/** `cache.ttl` is one name of two words. */
function printDotted(identifier: Identifier, print: (identifier: Identifier) => string): string {
  const isDotted = !identifier.quoted && identifier.name.split('.').every(isPlainWord);
  return isDotted ? identifier.name : print({ ...identifier, quoted: true });
}

function printKey({ name }: Identifier): string {
  return printText(name);
}

function printValue(value: OptionValue): string {
  switch (value.kind) {
    case 'string':
      return printText(value.value);
    case 'number':
      return value.text;
    case 'boolean':
      return value.value ? 'TRUE' : 'FALSE';
    case 'interval':
      return printInterval(value);
    default:
      return unreachable(value);
  }
}

// --- queries ---

interface Emitted {
  query: QueryExpression;
  emit: EmitClause | null;
  lateness: LatenessClause | null;
  late: LateDataClause | null;
}

function printEmitted({ query, emit, lateness, late }: Emitted): string {
  const clauses = [printQuery(query)];
  if (emit !== null) clauses.push(printEmit(emit));
  if (lateness !== null) clauses.push(`ALLOW LATENESS ${printInterval(lateness.allowed)}`);
  if (late !== null) clauses.push(`LATE DATA TO ${printName(late.sink)}`);
  return clauses.join(' ');
}

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

function printNames(names: readonly Identifier[]): string {
  return names.length === 0 ? '' : ` (${names.map(printLabel).join(', ')})`;
}

const EMITS: Readonly<Record<Exclude<EmitClause['mode'], 'every'>, string>> = {
  'on-window-close': 'EMIT ON WINDOW CLOSE',
  final: 'EMIT FINAL',
  'on-watermark': 'EMIT ON WATERMARK',
  'on-update': 'EMIT ON UPDATE',
  changes: 'EMIT CHANGES',
};

/** As in SQL: `EMIT ON WINDOW CLOSE`. */
function printEmit({ mode, interval, idle }: EmitClause): string {
  const form = mode === 'every' ? `EMIT EVERY ${printInterval(interval!)}` : EMITS[mode];
  return idle === null ? form : `${form} OR AFTER ${printInterval(idle)} IDLE`;
}
