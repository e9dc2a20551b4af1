// The syntax tree of a pipeline file: what the parser makes and the binder reads. Plain data; every node knows its span.
//
// Nothing is resolved here: names are as written, literals are text, options are unchecked.

import type { Expression, IntervalLiteral, StringLiteral } from './ast-expression.ts';
import type { QueryExpression } from './ast-query.ts';

/** Half-open range of UTF-16 offsets into the pipeline text. */
export interface Span {
  start: number;
  end: number;
}

export interface Identifier {
  name: string;
  /** Written in double quotes: never a keyword; still matched case-insensitively. */
  quoted: boolean;
  span: Span;
}

export interface Pipeline {
  statements: Statement[];
}

export type Statement =
  | CreateSource
  | CreateLookup
  | CreateStream
  | CreateSink
  | CreateFunction
  | InsertInto
  | DropStatement
  | SelectStatement
  | SetStatement;

export interface CreateSource {
  kind: 'create-source';
  name: Identifier;
  orReplace: boolean;
  ifNotExists: boolean;
  columns: ColumnDefinition[];
  watermark: WatermarkDefinition | null;
  primaryKey: PrimaryKey | null;
  /** null: no FROM and no WITH, the source reads stdin. */
  connector: ConnectorClause | null;
  span: Span;
}

/** `CREATE LOOKUP TABLE name (columns, PRIMARY KEY (…)) FROM NAME (options)`. */
export interface CreateLookup {
  kind: 'create-lookup';
  name: Identifier;
  orReplace: boolean;
  ifNotExists: boolean;
  columns: ColumnDefinition[];
  primaryKey: PrimaryKey | null;
  connector: ConnectorClause;
  span: Span;
}

export interface ColumnDefinition {
  name: Identifier;
  type: TypeReference;
  /** `FROM '$.a.b'`. */
  path: StringLiteral | null;
  notNull: boolean;
  span: Span;
}

/** A type as written: `VARCHAR`, `DOUBLE PRECISION`, `DECIMAL(10, 2)`. Names are upper-cased, words joined by a space. */
export interface TypeReference {
  name: string;
  parameters: number[];
  /** Of LIST: `T[]`. */
  element?: TypeReference;
  /** Of STRUCT: `STRUCT(name type, …)`. */
  fields?: { name: Identifier; type: TypeReference }[];
  span: Span;
}

/** `WATERMARK FOR column [AS expression]`. */
export interface WatermarkDefinition {
  column: Identifier;
  delay: Expression | null;
  span: Span;
}

/** `PRIMARY KEY (column, …)`. */
export interface PrimaryKey {
  columns: Identifier[];
  span: Span;
}

/** `FROM|INTO NAME (options)` or `WITH ('connector' = 'name', options)`. */
export interface ConnectorClause {
  /** As written for FROM/INTO; null for WITH, where it is an option. */
  name: Identifier | null;
  options: OptionDefinition[];
  span: Span;
}

export interface OptionDefinition {
  key: Identifier;
  value: OptionValue;
  span: Span;
}

/** Bare words are strings. `${NAME}` in strings is already expanded. */
export type OptionValue =
  | { kind: 'string'; value: string; span: Span }
  | { kind: 'number'; text: string; span: Span }
  | { kind: 'boolean'; value: boolean; span: Span }
  | IntervalLiteral;

/** `CREATE STREAM | [MATERIALIZED] VIEW | CONTINUOUS QUERY name AS query`. */
export interface CreateStream {
  kind: 'create-stream';
  flavour: 'stream' | 'view' | 'materialized-view' | 'continuous-query';
  name: Identifier;
  orReplace: boolean;
  ifNotExists: boolean;
  query: QueryExpression;
  emit: EmitClause | null;
  lateness: LatenessClause | null;
  late: LateDataClause | null;
  span: Span;
}

/** `CREATE SINK name [FROM stream | AS query | FROM (query)] INTO|WITH …`. */
export interface CreateSink {
  kind: 'create-sink';
  name: Identifier;
  orReplace: boolean;
  ifNotExists: boolean;
  /** null: filled by INSERT INTO. */
  input:
    | { kind: 'stream'; name: Identifier }
    | {
        kind: 'query';
        query: QueryExpression;
        emit: EmitClause | null;
        lateness: LatenessClause | null;
        late: LateDataClause | null;
      }
    | null;
  connector: ConnectorClause;
  span: Span;
}

/** `CREATE FUNCTION name(parameters) RETURNS type LANGUAGE javascript AS $$ body $$`. */
export interface CreateFunction {
  kind: 'create-function';
  name: Identifier;
  orReplace: boolean;
  ifNotExists: boolean;
  parameters: FunctionParameter[];
  result: TypeReference;
  language: Identifier;
  /** `span` includes the `$$` around it. */
  body: { source: string; span: Span };
  span: Span;
}

export interface FunctionParameter {
  name: Identifier;
  type: TypeReference;
  span: Span;
}

export interface InsertInto {
  kind: 'insert-into';
  sink: Identifier;
  /** Names for the columns of the query, in its order; empty: its own. */
  columns: Identifier[];
  query: QueryExpression;
  emit: EmitClause | null;
  lateness: LatenessClause | null;
  late: LateDataClause | null;
  span: Span;
}

/** `DROP STREAM [IF EXISTS] name [CASCADE | RESTRICT]`. */
export interface DropStatement {
  kind: 'drop';
  what: 'source' | 'sink' | 'lookup-table' | CreateStream['flavour'];
  name: Identifier;
  ifExists: boolean;
  /** What needs it goes with it; otherwise it may not be needed. */
  cascade: boolean;
  span: Span;
}

export interface SelectStatement {
  kind: 'select';
  query: QueryExpression;
  emit: EmitClause | null;
  lateness: LatenessClause | null;
  late: LateDataClause | null;
  span: Span;
}

export interface SetStatement {
  kind: 'set';
  name: Identifier;
  value: OptionValue;
  span: Span;
}

export interface EmitClause {
  mode: 'on-window-close' | 'final' | 'on-watermark' | 'on-update' | 'every' | 'changes';
  /** For `every`. */
  interval: IntervalLiteral | null;
  /** `OR AFTER interval IDLE`. */
  idle: IntervalLiteral | null;
  span: Span;
}

export interface LateDataClause {
  /** `LATE DATA TO sink`. */
  sink: Identifier;
  span: Span;
}

export interface LatenessClause {
  /** `ALLOW LATENESS interval`. */
  allowed: IntervalLiteral;
  span: Span;
}
