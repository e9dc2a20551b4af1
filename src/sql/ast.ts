// The syntax tree of a pipeline file: what the parser makes and the binder reads. Plain data; every node knows its span.
//
// Nothing is resolved here: names are as written, literals are text, options are unchecked.

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
  | CreateStream
  | CreateSink
  | CreateFunction
  | InsertInto
  | SelectStatement
  | SetStatement;

export interface CreateSource {
  kind: 'create-source';
  name: Identifier;
  orReplace: boolean;
  ifNotExists: boolean;
  columns: ColumnDefinition[];
  watermark: WatermarkDefinition | null;
  /** null: no FROM and no WITH, the source reads stdin. */
  connector: ConnectorClause | null;
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

export type QueryExpression = Query | UnionQuery;

/** `a UNION ALL b`: never with ORDER BY or LIMIT, which are a Query's that reads it. */
export interface UnionQuery {
  kind: 'union';
  with: CommonTable[];
  inputs: QueryExpression[];
  span: Span;
}

/** `name [(columns)] AS (query)` of a WITH clause. */
export interface CommonTable {
  name: Identifier;
  /** New names for its columns; empty: their own. */
  columns: Identifier[];
  query: QueryExpression;
  span: Span;
}

export interface Query {
  kind: 'query';
  with: CommonTable[];
  /** SELECT DISTINCT. */
  distinct: boolean;
  /** SELECT DISTINCT ON (…): empty without it. */
  distinctOn: Expression[];
  items: SelectItem[];
  from: TableReference;
  /** Beside it, from left to right. */
  unnests: UnnestReference[];
  where: Expression | null;
  groupBy: Expression[];
  groupByAll: boolean;
  having: Expression | null;
  /** WINDOW name AS (…). */
  windows: NamedWindow[];
  qualify: Expression | null;
  orderBy: SortItem[];
  limit: LimitClause | null;
  span: Span;
}

/** `LIMIT count [OFFSET offset]`, `LIMIT count BY list`, `OFFSET offset`. */
export interface LimitClause {
  count: NumberLiteral | null;
  offset: NumberLiteral | null;
  /** The first `count` rows of each of these; empty: of all. */
  by: Expression[];
  span: Span;
}

export interface NamedWindow {
  name: Identifier;
  window: WindowSpecification;
  span: Span;
}

/** `(base PARTITION BY … ORDER BY … frame)`, each part if it is there; `OVER base` is `OVER (base)`. */
export interface WindowSpecification {
  /** A window of the WINDOW clause that it goes on from. */
  base: Identifier | null;
  partitionBy: Expression[];
  orderBy: SortItem[];
  frame: WindowFrame | null;
  span: Span;
}

export interface WindowFrame {
  unit: 'ROWS' | 'RANGE';
  start: FrameBound;
  end: FrameBound;
  span: Span;
}

export interface FrameBound {
  kind: 'preceding' | 'current' | 'following';
  /** null: unbounded, or the current row. */
  offset: NumberLiteral | IntervalLiteral | null;
  span: Span;
}

export type SelectItem =
  | StarItem
  | { kind: 'expression'; expression: Expression; alias: Identifier | null; span: Span };

/** `, UNNEST(list) [WITH ORDINALITY] [AS alias(columns)]`, also behind CROSS JOIN and LEFT JOIN … ON TRUE. */
export interface UnnestReference {
  list: Expression;
  ordinality: boolean;
  alias: Identifier | null;
  columns: Identifier[];
  /** LEFT JOIN: a row without elements comes out once. */
  outer: boolean;
  span: Span;
}

/** `* [EXCLUDE (names)] [REPLACE (expression AS name, …)]`. */
export interface StarItem {
  kind: 'star';
  qualifier: Identifier | null;
  exclude: Identifier[];
  replace: { expression: Expression; name: Identifier; span: Span }[];
  span: Span;
}

export type TableReference =
  | { kind: 'name'; name: Identifier; alias: Identifier | null; span: Span }
  | { kind: 'subquery'; query: QueryExpression; alias: Identifier | null; span: Span };

export interface NumberLiteral {
  kind: 'number';
  text: string;
  span: Span;
}

export interface StringLiteral {
  kind: 'string';
  value: string;
  span: Span;
}

/** `INTERVAL '5' MINUTE` (unit upper-case, singular) or `INTERVAL '1 minute'` (unit null). */
export interface IntervalLiteral {
  kind: 'interval';
  text: string;
  unit: string | null;
  span: Span;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '||'
  | '->'
  | '->>'
  | '~'
  | '!~'
  | '~*'
  | '!~*'
  | '&'
  | '|'
  | '<<'
  | '>>'
  | '^'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'AND'
  | 'OR';

export type Expression =
  | NumberLiteral
  | StringLiteral
  | { kind: 'boolean'; value: boolean; span: Span }
  | { kind: 'null'; span: Span }
  | IntervalLiteral
  /** `TIMESTAMP '2024-01-01'`, `DATE '…'`. */
  | { kind: 'typed-literal'; type: TypeReference; text: string; span: Span }
  /** `name`, `qualifier.name`, and fields of a struct behind either. */
  | { kind: 'column'; path: Identifier[]; span: Span }
  /** `operand.name` of an operand that is no path. */
  | { kind: 'field'; operand: Expression; name: Identifier; span: Span }
  /** `operand[index]`. */
  | { kind: 'subscript'; operand: Expression; index: Expression; span: Span }
  /** `operand[low:high]`; null: from the first, to the last. */
  | { kind: 'slice'; operand: Expression; low: Expression | null; high: Expression | null; span: Span }
  /** `[a, b]`, `ARRAY[a, b]`. */
  | { kind: 'list'; items: Expression[]; span: Span }
  /** A list of one without its end, for ARRAY_AGG to put together: made by the binder, never written. */
  | { kind: 'item'; value: Expression; span: Span }
  /** `{'a': x}`, `STRUCT_PACK(a := x)`. */
  | { kind: 'struct'; fields: { name: Identifier; value: Expression }[]; span: Span }
  | { kind: 'unary'; operator: '-' | '+' | '~' | 'NOT'; operand: Expression; span: Span }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression; span: Span }
  | { kind: 'is-null'; operand: Expression; negated: boolean; span: Span }
  /** `IS [NOT] TRUE | FALSE`. */
  | { kind: 'is-boolean'; operand: Expression; value: boolean; negated: boolean; span: Span }
  /** `IS [NOT] DISTINCT FROM`. */
  | { kind: 'is-distinct'; left: Expression; right: Expression; negated: boolean; span: Span }
  | { kind: 'between'; operand: Expression; low: Expression; high: Expression; negated: boolean; span: Span }
  | { kind: 'in'; operand: Expression; list: Expression[]; negated: boolean; span: Span }
  | {
      kind: 'like';
      operand: Expression;
      pattern: Expression;
      escape: Expression | null;
      caseInsensitive: boolean;
      negated: boolean;
      span: Span;
    }
  /** `operand` is null for the searched form. */
  | {
      kind: 'case';
      operand: Expression | null;
      branches: { when: Expression; then: Expression }[];
      otherwise: Expression | null;
      span: Span;
    }
  | { kind: 'cast'; operand: Expression; type: TypeReference; try: boolean; span: Span }
  /** EXTRACT(f FROM x) is `date_part('f', x)`, SUBSTRING(a FROM b FOR c) is `substring(a, b, c)`, POSITION(a IN b) is `position(b, a)`, TRIM(LEADING a FROM b) is `ltrim(b, a)`. */
  | {
      kind: 'call';
      name: Identifier;
      arguments: Expression[];
      distinct: boolean;
      star: boolean;
      /** `(x ORDER BY y)`, or `(x) WITHIN GROUP (ORDER BY y)`. */
      order: { items: SortItem[]; within: boolean; span: Span } | null;
      filter: Expression | null;
      over: WindowSpecification | null;
      span: Span;
    };

/** One item of ORDER BY. */
export interface SortItem {
  expression: Expression;
  descending: boolean;
  /** null: not said. */
  nullsFirst: boolean | null;
  span: Span;
}
