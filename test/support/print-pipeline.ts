// Whole pipelines as SQL, one statement a line, for tests of the parser: what is printed is parsed to the same tree.
//
// Printing is a normal form: printing what was parsed from printed text gives the same text.

import { unreachable } from '../../src/base/assert.ts';
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
} from '../../src/sql/ast.ts';
import type { QueryExpression } from '../../src/sql/ast-query.ts';
import {
  isPlainWord,
  printExpression,
  printInterval,
  printLabel,
  printName,
  printText,
  printType,
} from '../../src/sql/print-expression.ts';
import { printNames, printQuery } from '../../src/sql/print-query.ts';

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

/** A query and how it gives its results. */
interface Emitted {
  query: QueryExpression;
  emit: EmitClause | null;
  lateness: LatenessClause | null;
  late: LateDataClause | null;
}

/** One line. */
function printEmitted({ query, emit, lateness, late }: Emitted): string {
  const clauses = [printQuery(query)];
  if (emit !== null) clauses.push(printEmit(emit));
  if (lateness !== null) clauses.push(`ALLOW LATENESS ${printInterval(lateness.allowed)}`);
  if (late !== null) clauses.push(`LATE DATA TO ${printName(late.sink)}`);
  return clauses.join(' ');
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
